import { RoomtoneError } from "@roomtone/core";

export interface FakeTokenOptions {
  readonly identity: string;
  readonly room: string;
  readonly name?: string;
  readonly metadata?: string;
  /** Absent: it never expires. */
  readonly expiresAtS?: number;
  readonly grants?: {
    readonly canPublish?: boolean;
    readonly canSubscribe?: boolean;
    readonly canPublishData?: boolean;
    readonly canPublishSources?: readonly string[];
  };
  /** Signed with another secret. */
  readonly wrongSignature?: boolean;
  /** Makes one token differ from another that says the same. */
  readonly serial?: number;
}

/** What a fake server reads in a token. */
export interface FakeTokenContent {
  readonly identity: string;
  readonly room: string;
  readonly name: string;
  readonly metadata: string;
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
  readonly canPublishData: boolean;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const GOOD_SIGNATURE = "Z29vZA";
const WRONG_SIGNATURE = "d3Jvbmc";

/** A token in the real shape, whose signature only a `FakeServer` takes. */
export function createFakeToken(options: FakeTokenOptions): string {
  const { canPublishSources, ...grants } = options.grants ?? {};
  const claims = {
    iss: "fake-key",
    sub: options.identity,
    name: options.name ?? "",
    metadata: options.metadata ?? "",
    jti: String(options.serial ?? 0),
    ...(options.expiresAtS === undefined ? {} : { exp: options.expiresAtS }),
    video: { roomJoin: true, room: options.room, ...grants, ...(canPublishSources ? { canPublishSources } : {}) },
  };
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.${options.wrongSignature ? WRONG_SIGNATURE : GOOD_SIGNATURE}`;
}

/** Verifies `token` as a server does. @throws RoomtoneError `token-invalid`, `token-expired` */
export function readFakeToken(token: string, wallClockMs: number): FakeTokenContent {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature !== GOOD_SIGNATURE)
    throw new RoomtoneError("token-invalid", "The server does not take this token.");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
    sub: string;
    name: string;
    metadata: string;
    exp?: number;
    video: { room: string; canPublish?: boolean; canSubscribe?: boolean; canPublishData?: boolean };
  };
  if (claims.exp !== undefined && claims.exp * 1000 <= wallClockMs) throw new RoomtoneError("token-expired", "The token's time is over.");
  const { room, canPublish = true, canSubscribe = true, canPublishData = canPublish } = claims.video;
  return { identity: claims.sub, room, name: claims.name, metadata: claims.metadata, canPublish, canSubscribe, canPublishData };
}
