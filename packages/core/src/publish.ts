import type { AbortSignalLike } from "./abort.js";
import type { AudioFormat } from "./audio.js";
import type { FrameStream, FramesOptions, MediaTrackLike, PublishableCapture } from "./capture.js";
import type { OpusSettings } from "./encode.js";
import type { RoomtoneError } from "./errors.js";
import type { QualitySettings } from "./quality-controller.js";
import type { ConnectionQuality, ParticipantInfo, RemoteParticipantState, RemoteTrackInfo, RoomInfo, TrackSource } from "./room.js";

/** How to hear a subscribed audio track: frames on Node, an element in the browser. */
export type RemoteAudio = RemotePcm | RemoteMediaTrack;

export interface RemotePcm {
  readonly kind: "pcm";
  readonly format: AudioFormat;
  /** A new consumer: 48 kHz frames of 10 ms until the track ends. */
  frames(options?: FramesOptions): FrameStream;
}

export interface RemoteMediaTrack {
  readonly kind: "media-track";
  readonly track: MediaTrackLike;
  /** Plays the track through `element` until the returned function is called. */
  attach(element: { srcObject: unknown }): () => void;
}

/** What a driver tells about its connection. Events about ourselves (mute, publication) come from the session. */
export type DriverEvent =
  | { readonly type: "participant-joined"; readonly participant: RemoteParticipantState }
  | { readonly type: "participant-left"; readonly participant: ParticipantInfo }
  | { readonly type: "participant-changed"; readonly participant: ParticipantInfo }
  | {
      readonly type: "track-published" | "track-unpublished" | "track-unsubscribed" | "track-muted" | "track-unmuted";
      readonly participant: ParticipantInfo;
      readonly track: RemoteTrackInfo;
    }
  | {
      readonly type: "track-subscribed";
      readonly participant: ParticipantInfo;
      readonly track: RemoteTrackInfo;
      readonly audio: RemoteAudio | undefined;
    }
  | { readonly type: "active-speakers"; readonly speakers: readonly { readonly identity: string; readonly audioLevel: number }[] }
  | {
      readonly type: "data-received";
      readonly payload: Uint8Array;
      readonly topic: string;
      readonly participant: ParticipantInfo | undefined;
    }
  | { readonly type: "connection-quality"; readonly identity: string; readonly quality: ConnectionQuality }
  | { readonly type: "room-metadata"; readonly room: RoomInfo }
  /** The browser plays nothing until a person has clicked: `resume` does it, called from that click. */
  | { readonly type: "playback-blocked"; readonly resume: () => Promise<void> }
  /** Something that a person may want to know, such as what this way into a room cannot show to others. Ends nothing. */
  | { readonly type: "warning"; readonly message: string }
  /** The server issued a newer token; the session joins with it next time. */
  | { readonly type: "token-refreshed"; readonly token: string }
  /** A moderator muted or unmuted a track of ours: that becomes intent. A mute that the driver did by itself is not told. */
  | { readonly type: "muted-by-server"; readonly trackId: string; readonly muted: boolean }
  /** A track of ours is gone though nobody here unpublished it. The session publishes it again. */
  | { readonly type: "track-lost"; readonly trackId: string; readonly error?: RoomtoneError }
  /** The connection is down and the driver tries its one resume. The session begins to probe the server. */
  | { readonly type: "interrupted"; readonly reason: string }
  /** The resume worked: every published track is as it was, but perhaps for its `sid`, which is read again. */
  | { readonly type: "resumed" }
  /**
   * The connection is over; the driver has let go of it. `final` reasons end the room, the others are rejoined.
   * Always the last event of a connection, and never caused by our own `close()`. With `rejoin-requested` the server may name
   * another address to join at: the next attempt goes there.
   */
  | { readonly type: "disconnected"; readonly reason: DisconnectReason; readonly url?: string };

export type DisconnectReason =
  | "connection-lost"
  | "server-shutdown"
  | "rejoin-requested"
  | "duplicate-identity"
  | "participant-removed"
  | "room-deleted"
  | "token-refused"
  | "unknown";

export interface DriverConnectOptions {
  /** `ws:`, `wss:`, `http:` or `https:`. */
  readonly url: string;
  readonly token: string;
  /** Subscribe to everybody's tracks. False: nothing is received, and `track-subscribed` never comes. */
  readonly subscribe: boolean;
  /** Called in order, never before `connect` was called, and never after `disconnected` or `close()`. It does not throw. */
  readonly on: (event: DriverEvent) => void;
}

export interface DriverPublishOptions {
  /** Our own id for the track: the key in `muted-by-server` and `track-lost`. */
  readonly trackId: string;
  readonly name: string;
  readonly source: TrackSource;
  /** Registered first, so that others see it muted; sends nothing from 500 ms after the promise resolves. */
  readonly muted: boolean;
  /** What the settings that `opus` leaves open come from. A driver that cannot give a profile what defines it says `unsupported`. Default `voice`. */
  readonly profile?: "voice" | "music";
  /** What the user asked for by name, valid together with the profile. One that the driver cannot honour is `unsupported`. */
  readonly opus: Partial<OpusSettings>;
}

/** A way into LiveKit rooms. Types and errors are core's: a vendor's never leave the driver. */
export interface RoomDriver {
  /** As `--driver` spells it. */
  readonly name: string;
  /** Whether `connect({ subscribe: true })` works. */
  readonly canSubscribe: boolean;
  /** What lets one in: a LiveKit token, read before it is used (default), or any text, or none, that only the server can judge. */
  readonly tokenKind?: "livekit" | "any";
  /** Settings that its tracks change while live, by `reconfigure` and at no cost to the sound: those follow the network. */
  readonly adapts: readonly (keyof QualitySettings)[];
  /**
   * Joins, once: no retries. Aborting rejects promptly with the signal's reason and leaves no participant behind.
   * @throws RoomtoneError `server-unreachable`, `token-invalid`, `token-expired`, `room-refused`, `server-full`, `unsupported`, `native-missing`
   */
  connect(options: DriverConnectOptions, signal: AbortSignalLike): Promise<RoomConnection>;
}

export interface RoomConnection {
  readonly room: RoomInfo;
  readonly localParticipant: ParticipantInfo;
  /** Who is there when the join completes. Later comers are events; nobody is told twice. */
  readonly participants: readonly RemoteParticipantState[];
  /**
   * Publishes `capture`, which stays open whatever happens. Resolves when the server has the track.
   * @throws RoomtoneError `grant-missing`, `unsupported` (this driver takes no such capture or setting), `room-refused`, `server-unreachable`
   */
  publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<PublishedTrack>;
  /** Leaves and releases everything, within 500 ms even where the server is gone. Idempotent. Captures stay open. */
  close(): Promise<void>;
}

export interface PublishedTrack {
  readonly id: string;
  /** Changes only where the driver's vendor publishes the track anew by itself, before `resumed`. */
  readonly sid: string;
  /** Resolves when the capture has ended and its last audio was sent, or with the error that its frames ended with. Never settles for other ends. */
  readonly ended: Promise<RoomtoneError | undefined>;
  /** Muted: others see it muted, and nothing is sent from 500 ms later. The capture goes on. */
  setMuted(muted: boolean): Promise<void>;
  /** Idempotent, also after the connection is gone. */
  unpublish(): Promise<void>;
}

/** A track that can take another capture without being published again: same SID, same mute. */
export interface Replaceable extends PublishedTrack {
  replace(capture: PublishableCapture): Promise<void>;
}

/** A track whose encoder settings change while it is live. */
export interface Reconfigurable extends PublishedTrack {
  /**
   * @throws RoomtoneError `invalid-settings`, `unsupported`; with `setting: "channels"` where another number of channels takes another
   * publication: the session publishes the track anew then
   */
  reconfigure(settings: Partial<OpusSettings>): Promise<void>;
}

/** A track that knows how it fares on the network. */
export interface NetworkObservable extends PublishedTrack {
  networkSample(): Promise<NetworkSample>;
}

/** A connection that carries data messages. */
export interface DataChannel extends RoomConnection {
  sendData(payload: Uint8Array, options: SendDataOptions): Promise<void>;
}

export interface SendDataOptions {
  /** Reliable and ordered (default), or at most once. */
  readonly reliable?: boolean;
  readonly topic?: string;
  /** Identities; empty or absent: everybody. */
  readonly to?: readonly string[];
}

/** One reading of a published track's transport. What is not known is absent. Counters only grow while the track keeps its SID. */
export interface NetworkSample {
  /** Monotonic time of the reading, in milliseconds. */
  readonly timestampMs: number;
  readonly packetsSent: number;
  readonly bytesSent: number;
  /** Grows as long as media arrives: the highest sequence number, or the packet count, that the server last reported. Liveness rests on it. */
  readonly arrivedMark?: number;
  /** Milliseconds of audio that were given to whoever encodes and sends by itself. Grows while packets should go out. */
  readonly audioTakenMs?: number;
  readonly packetsLost?: number;
  /** Of the last report's interval, 0 to 1. */
  readonly fractionLost?: number;
  readonly jitterMs?: number;
  readonly roundTripMs?: number;
  readonly availableBitrateBps?: number;
}

export function isReplaceable(track: PublishedTrack): track is Replaceable {
  return typeof (track as Partial<Replaceable>).replace === "function";
}

export function isReconfigurable(track: PublishedTrack): track is Reconfigurable {
  return typeof (track as Partial<Reconfigurable>).reconfigure === "function";
}

export function isNetworkObservable(track: PublishedTrack): track is NetworkObservable {
  return typeof (track as Partial<NetworkObservable>).networkSample === "function";
}

export function isDataChannel(connection: RoomConnection): connection is DataChannel {
  return typeof (connection as Partial<DataChannel>).sendData === "function";
}
