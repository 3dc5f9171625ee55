import type { TrackSource } from "./room.js";

/** What a token endpoint is asked for. Absent values are the endpoint's to choose. */
export interface TokenOptions {
  readonly roomName?: string;
  readonly participantName?: string;
  readonly participantIdentity?: string;
  readonly participantMetadata?: string;
  readonly participantAttributes?: Readonly<Record<string, string>>;
}

export interface TokenResponse {
  readonly serverUrl: string;
  readonly participantToken: string;
}

/** Where tokens come from: the shape of LiveKit's own token sources, so that theirs plug in. */
export interface TokenSource {
  /** `options` is the same object at each call (LiveKit's sources compare by reference). `force`: not the cached one. */
  fetch(options: TokenOptions, force?: boolean): Promise<TokenResponse>;
}

/** What a token says, read without verifying its signature: only the server can. */
export interface TokenClaims {
  readonly identity: string | undefined;
  readonly name: string | undefined;
  readonly roomName: string | undefined;
  readonly issuer: string | undefined;
  /** Seconds since the epoch. */
  readonly expiresAtS: number | undefined;
  /** Seconds since the epoch. */
  readonly notBeforeS: number | undefined;
  readonly metadata: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly grants: TokenGrants;
}

/** The `video` grants. Absent means what the server takes it to mean: may publish, may subscribe, all sources. */
export interface TokenGrants {
  readonly roomJoin: boolean;
  readonly canPublish: boolean;
  readonly canSubscribe: boolean;
  readonly canPublishData: boolean;
  /** Empty: all. */
  readonly canPublishSources: readonly TrackSource[];
  readonly hidden: boolean;
}
