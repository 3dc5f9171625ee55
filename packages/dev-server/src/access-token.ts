import { createHmac, randomUUID } from "node:crypto";
import { RoomtoneError, type TrackSource } from "@roomtone/core";
import { tellMinted } from "./minted.js";

/** What a token allows and says. Absent grants mean what the server takes them to mean: all sources, not hidden. */
export interface AccessTokenClaims {
  /** Who the bearer is in the room. Two bearers of one identity evict each other. */
  readonly identity: string;
  readonly roomName: string;
  /** Display name. */
  readonly name?: string;
  readonly metadata?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Time left to join, in seconds: default 600. A participant who is in stays in, and gets fresh tokens from the server. */
  readonly validForS?: number;
  /** Default true. */
  readonly canPublish?: boolean;
  /** Default true. */
  readonly canSubscribe?: boolean;
  /** Default true. */
  readonly canPublishData?: boolean;
  /** Absent or empty: all sources. */
  readonly canPublishSources?: readonly TrackSource[];
  /** The others do not see the bearer. */
  readonly hidden?: boolean;
  /** Moderation of this room: remove participants, mute their tracks. */
  readonly roomAdmin?: boolean;
  /** LiveKit's room configuration in its JSON form, used when the room is created by this join. */
  readonly roomConfig?: Readonly<Record<string, unknown>>;
}

export interface AccessTokenOptions extends AccessTokenClaims {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Ten minutes: long enough to read a terminal and open a link, short enough that a leaked token is soon worthless. */
export const DEFAULT_TOKEN_VALID_FOR_S = 600;

const sourceClaims: Readonly<Record<TrackSource, string>> = {
  microphone: "microphone",
  camera: "camera",
  "screen-share": "screen_share",
  "screen-share-audio": "screen_share_audio",
  unknown: "unknown",
};

/**
 * A signed LiveKit access token that lets its bearer join one room.
 * @throws RoomtoneError `usage` where identity, room, key or secret is empty, or `validForS` is not a positive number.
 */
export async function createAccessToken(options: AccessTokenOptions): Promise<string> {
  for (const name of ["apiKey", "apiSecret", "identity", "roomName"] as const) {
    if (options[name] === "") throw new RoomtoneError("usage", `A token needs a value for ${name}: it was empty.`, { option: name });
  }
  const video: Record<string, unknown> = {
    roomJoin: true,
    room: options.roomName,
    canPublish: options.canPublish ?? true,
    canSubscribe: options.canSubscribe ?? true,
    canPublishData: options.canPublishData ?? true,
  };
  if (options.canPublishSources && options.canPublishSources.length > 0) {
    video["canPublishSources"] = options.canPublishSources.map((source) => sourceClaims[source]);
  }
  if (options.hidden) video["hidden"] = true;
  if (options.roomAdmin) video["roomAdmin"] = true;
  return signToken(options, {
    sub: options.identity,
    ...(options.name ? { name: options.name } : {}),
    ...(options.metadata ? { metadata: options.metadata } : {}),
    ...(options.attributes && Object.keys(options.attributes).length > 0 ? { attributes: options.attributes } : {}),
    ...(options.roomConfig ? { roomConfig: options.roomConfig } : {}),
    video,
  });
}

/** A token for the server's own API, valid for a minute: what a health check or a test asks the server with. */
export function createApiToken(keys: { apiKey: string; apiSecret: string }, grants: Readonly<Record<string, unknown>>): string {
  return signToken({ ...keys, validForS: 60 }, { video: grants });
}

function signToken(
  { apiKey, apiSecret, validForS = DEFAULT_TOKEN_VALID_FOR_S }: { apiKey: string; apiSecret: string; validForS?: number },
  claims: Readonly<Record<string, unknown>>,
): string {
  if (!(Number.isFinite(validForS) && validForS > 0)) {
    throw new RoomtoneError("usage", "A token's validity is a positive number of seconds.", { option: "validForS" });
  }
  const issuedAtS = Math.floor(Date.now() / 1000);
  const payload = { iss: apiKey, nbf: issuedAtS, exp: issuedAtS + Math.ceil(validForS), jti: randomUUID(), ...claims };
  const signed = `${base64url({ alg: "HS256", typ: "JWT" })}.${base64url(payload)}`;
  return tellMinted(`${signed}.${createHmac("sha256", apiSecret).update(signed).digest("base64url")}`);
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
