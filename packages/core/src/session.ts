import type { AbortSignalLike } from "./abort.js";
import type { PublishableCapture } from "./capture.js";
import type { OpusSettings } from "./encode.js";
import type { RoomtoneError } from "./errors.js";
import type { NetworkSample, RoomDriver, SendDataOptions } from "./publish.js";
import type { PublicationState, RoomCallbacks, RoomClosed, RoomState, TrackSource } from "./room.js";
import type { TokenOptions, TokenSource } from "./token.js";

/** How to get in: a URL with a token, or a source of both. */
export type Credentials =
  | { readonly url: string; readonly token: string; readonly tokenSource?: never; readonly tokenOptions?: never }
  | { readonly tokenSource: TokenSource; readonly tokenOptions?: TokenOptions; readonly url?: never; readonly token?: never };

export interface JoinRoomOptions {
  /** `"auto"` (default) lets the platform choose by `subscribe`; a name picks one; any `RoomDriver` may be given. */
  readonly driver?: "auto" | (string & {}) | RoomDriver;
  /** Hear the others. Default false: nothing is received. */
  readonly subscribe?: boolean;
  /** Subscribed before connecting, so that no early event is lost. */
  readonly on?: RoomCallbacks;
  /** Aborting leaves the room: while joining, `joinRoom` rejects with the reason; later the room closes with `left`. */
  readonly signal?: AbortSignalLike;
  /** Attempts after the first to join. Default 3. */
  readonly joinRetries?: number;
  /** Attempts after the first to come back, once it was live. Default unlimited. */
  readonly rejoinRetries?: number;
  /** The time over which a fleet's rejoins are spread when its server returns, so that they do not storm it. Default 250, which costs none: its probes are. */
  readonly rejoinSpreadMs?: number;
}

export interface PublishOptions {
  /** Track name that others see. Default: the capture's kind. */
  readonly name?: string;
  /** Default `microphone`. */
  readonly source?: TrackSource;
  /** Start muted: registered at the server, sending nothing. */
  readonly muted?: boolean;
  /** A base for `opus`: `voice` (mono speech, 32 kbit/s with FEC and DTX) or `music` (stereo, 128 kbit/s). Default `voice`. */
  readonly profile?: "voice" | "music";
  readonly opus?: Partial<OpusSettings>;
  /**
   * `follow-network` (default): as far as the driver can, bitrate, protection against loss and packet length follow the server's reports.
   * The settings asked for are the best that is sent, and protection named in `opus` the least. `fixed`: they stay as they are.
   */
  readonly quality?: "follow-network" | "fixed";
  /** Where the platform has several: aborting unpublishes. */
  readonly signal?: AbortSignalLike;
}

/** A room that is kept: until it closes, what was published is published again after every outage. */
export interface RoomSession {
  readonly state: RoomState;
  /** The driver in use, by name. */
  readonly driver: string;
  /** Resolves with why, when the room has ended and everything of it is released. Never rejects. */
  readonly closed: Promise<RoomClosed>;
  /** Adds callbacks; returns their removal. */
  on(callbacks: RoomCallbacks): () => void;
  /**
   * Publishes `capture` until unpublished or closed. Resolves when it is first live. The capture stays the caller's to close.
   * @throws RoomtoneError `grant-missing`, `invalid-settings`, `unsupported`, `room-refused`
   */
  publish(capture: PublishableCapture, options?: PublishOptions): Promise<Publication>;
  /** @throws RoomtoneError `unsupported`, `grant-missing`, `invalid-settings` (too large), `server-unreachable` while reconnecting */
  sendData(payload: Uint8Array, options?: SendDataOptions): Promise<void>;
  /** Leaves. Idempotent; within two seconds even where the server is gone. */
  close(): Promise<void>;
}

/** One thing that we publish. Calls may overlap: they are carried out one after the other, and the last word holds. */
export interface Publication {
  /** Ours, stable over rejoins. */
  readonly id: string;
  readonly state: PublicationState;
  /** Resolves when the capture's last audio was sent (`undefined`), or with why it ended otherwise; also when the room closes. Never rejects. */
  readonly ended: Promise<PublicationEnd>;
  /** Resolves when the driver agrees. While reconnecting it resolves at once: intent is kept. */
  setMuted(muted: boolean): Promise<void>;
  /** Publishes another capture in its place: same name, same mute, and, where the driver can, the same SID. */
  replace(capture: PublishableCapture): Promise<void>;
  /**
   * Changes Opus settings while live; `channels` by publishing the track anew, under another SID. Where quality follows the network,
   * they are its new bounds. @throws RoomtoneError `invalid-settings`, `unsupported`
   */
  reconfigure(settings: Partial<OpusSettings>): Promise<void>;
  /** The newest reading, or undefined where it is not live or the driver knows none. */
  networkSample(): Promise<NetworkSample | undefined>;
  unpublish(): Promise<void>;
}

export interface PublicationEnd {
  readonly reason: "source-ended" | "source-failed" | "unpublished" | "room-closed";
  readonly error?: RoomtoneError;
}
