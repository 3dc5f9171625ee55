export { type AccessTokenClaims, type AccessTokenOptions, createAccessToken, DEFAULT_TOKEN_VALID_FOR_S } from "./access-token.js";
export { type DevServer, type DevServerOptions, startDevServer } from "./dev-server.js";
export { defaultCacheFolder, type FindLiveKitServerOptions, findLiveKitServer } from "./find-livekit-server.js";
export type { ServerExit } from "./livekit-process.js";
export type { ServerPorts } from "./server-config.js";
export type { ServerKeys } from "./server-keys.js";
export { LIVEKIT_SERVER_VERSION } from "./server-version.js";
