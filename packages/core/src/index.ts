export * from "./abort.js";
export * from "./audio.js";
export * from "./capture.js";
export * from "./channels.js";
export type * from "./encode.js";
export * from "./errors.js";
export * from "./failures.js";
export * from "./fanout.js";
export * from "./frame-fanout.js";
export * from "./frame-queue.js";
export * from "./framer.js";
export { createJoinRoom, type JoinRoom } from "./join-room.js";
export * from "./level-meter.js";
export * from "./lifetime.js";
export * from "./opus-packet.js";
export * from "./opus-settings.js";
export * from "./packet-fanout.js";
export * from "./publish.js";
export * from "./quality-controller.js";
export * from "./resampler.js";
export type * from "./room.js";
export * from "./room-reducer.js";
export * from "./room-status.js";
export type * from "./runtime.js";
export type * from "./session.js";
export type * from "./token.js";
export { checkToken, isRoomToken, mayPublish, readToken } from "./token-claims.js";
export {
  customTokenSource,
  type EndpointTokenSourceOptions,
  endpointTokenSource,
  type FetchLike,
  type FetchResponseLike,
  literalTokenSource,
} from "./token-sources.js";
