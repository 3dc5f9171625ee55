import type { RoomtoneError } from "./errors.js";
import type { RemoteAudio } from "./publish.js";
import type { QualityDecision, QualitySettings } from "./quality-controller.js";

export type TrackSource = "microphone" | "screen-share-audio" | "camera" | "screen-share" | "unknown";
export type ConnectionQuality = "excellent" | "good" | "poor" | "lost" | "unknown";

/** A track of another participant. */
export interface RemoteTrackInfo {
  /** The server's id. It changes when its owner rejoins. */
  readonly sid: string;
  readonly name: string;
  readonly kind: "audio" | "video";
  readonly source: TrackSource;
  readonly muted: boolean;
  readonly subscribed: boolean;
}

export interface ParticipantInfo {
  readonly sid: string;
  readonly identity: string;
  /** Display name; may be empty. Names, metadata and attributes come from strangers: escape them before a terminal shows them. */
  readonly name: string;
  readonly metadata: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Another participant as the room shows it. */
export interface RemoteParticipantState extends ParticipantInfo {
  readonly tracks: readonly RemoteTrackInfo[];
  readonly speaking: boolean;
  /** Loudness while speaking, 0 to 1, as the server measures it. */
  readonly audioLevel: number;
  readonly quality: ConnectionQuality;
}

/** A publication of ours. */
export interface PublicationState {
  /** Ours, and stable for the publication's life. */
  readonly id: string;
  /** The server's id while live; it changes with every rejoin. */
  readonly sid: string | undefined;
  readonly name: string;
  readonly source: TrackSource;
  /** Intent: what the user (or a moderator) last asked for. */
  readonly muted: boolean;
  /** `waiting`: for the room to be connected again. */
  readonly status: "publishing" | "live" | "waiting" | "failed" | "unpublished";
}

/** Why a room ended. `left` is our own `close()` or abort; the rest carry the error. */
export interface RoomClosed {
  readonly reason:
    | "left"
    | "duplicate-identity"
    | "participant-removed"
    | "room-deleted"
    | "token-refused"
    | "server-unreachable"
    | "room-refused"
    | "failed";
  readonly error?: RoomtoneError;
}

/** The room callbacks: one set for every platform and driver. */
export type RoomEvent =
  | {
      readonly type: "connected";
      readonly room: RoomInfo;
      readonly localParticipant: ParticipantInfo;
      readonly participants: readonly RemoteParticipantState[];
      readonly attempt: number;
    }
  | { readonly type: "reconnecting"; readonly reason: string; readonly attempt: number }
  /** The room is back. `resumed`: the same session went on; a track with another SID is told as `published`. Else it was joined anew. */
  | {
      readonly type: "reconnected";
      readonly resumed: boolean;
      readonly attempt: number;
      readonly outageMs: number;
      readonly room: RoomInfo;
      readonly localParticipant: ParticipantInfo;
      readonly participants: readonly RemoteParticipantState[];
    }
  | { readonly type: "closed"; readonly closed: RoomClosed }
  | { readonly type: "participant-joined"; readonly participant: RemoteParticipantState }
  | { readonly type: "participant-left"; readonly participant: ParticipantInfo }
  | { readonly type: "participant-changed"; readonly participant: ParticipantInfo }
  | { readonly type: "track-published"; readonly participant: ParticipantInfo; readonly track: RemoteTrackInfo }
  | { readonly type: "track-unpublished"; readonly participant: ParticipantInfo; readonly track: RemoteTrackInfo }
  /** Needs `subscribe: true`. `audio` is how to hear it. */
  | {
      readonly type: "track-subscribed";
      readonly participant: ParticipantInfo;
      readonly track: RemoteTrackInfo;
      readonly audio: RemoteAudio | undefined;
    }
  | { readonly type: "track-unsubscribed"; readonly participant: ParticipantInfo; readonly track: RemoteTrackInfo }
  | { readonly type: "track-muted"; readonly participant: ParticipantInfo; readonly track: RemoteTrackInfo }
  | { readonly type: "track-unmuted"; readonly participant: ParticipantInfo; readonly track: RemoteTrackInfo }
  | { readonly type: "active-speakers"; readonly speakers: readonly { readonly identity: string; readonly audioLevel: number }[] }
  | {
      readonly type: "data-received";
      readonly payload: Uint8Array;
      readonly topic: string;
      /** Undefined for the server. Without `sid` and name where the message came before the server told of who sent it. */
      readonly participant: ParticipantInfo | undefined;
    }
  | { readonly type: "connection-quality"; readonly identity: string; readonly quality: ConnectionQuality }
  | { readonly type: "room-metadata"; readonly room: RoomInfo }
  /** Browser: nothing plays until a person has clicked. Call `resume` from that click; it rejects with `permission-denied` where it was no click. */
  | { readonly type: "playback-blocked"; readonly resume: () => Promise<void> }
  | { readonly type: "token-refreshed" }
  /** One of ours is live. Again after each rejoin, with another SID. */
  | { readonly type: "published"; readonly publication: PublicationState; readonly driver: string; readonly elapsedMs: number }
  | { readonly type: "unpublished"; readonly publication: PublicationState }
  /** One of ours is gone from the room though nobody here unpublished it. It is published again: `published` follows. */
  | { readonly type: "publication-lost"; readonly publication: PublicationState; readonly error?: RoomtoneError }
  | { readonly type: "publish-failed"; readonly publication: PublicationState; readonly error: RoomtoneError }
  /** One of ours; `by` says who asked. */
  | { readonly type: "muted"; readonly publication: PublicationState; readonly by: "user" | "server" }
  | { readonly type: "unmuted"; readonly publication: PublicationState; readonly by: "user" | "server" }
  /** One of ours follows the network: `settings` are what is sent from now on, as far as the driver can change them. */
  | {
      readonly type: "quality-changed";
      readonly publication: PublicationState;
      readonly settings: QualitySettings;
      readonly because: QualityDecision["because"];
      /** For people, with the figures that it rests on. */
      readonly explanation: string;
    }
  /** Something that a person may want to know and that ends nothing. */
  | { readonly type: "warning"; readonly message: string; readonly error?: RoomtoneError };

export interface RoomInfo {
  readonly sid: string;
  readonly name: string;
  readonly metadata: string;
}

/** Everything to render, as an immutable snapshot: each event makes a new one. */
export interface RoomState {
  readonly connection: "connecting" | "connected" | "reconnecting" | "closed";
  /** Attempts since the last time it was connected. */
  readonly attempt: number;
  readonly room: RoomInfo | undefined;
  readonly localParticipant: ParticipantInfo | undefined;
  readonly participants: readonly RemoteParticipantState[];
  readonly publications: readonly PublicationState[];
  /** Identities, loudest first; ours may be among them. */
  readonly activeSpeakers: readonly string[];
  /** Our own connection's quality. */
  readonly quality: ConnectionQuality;
  readonly closed: RoomClosed | undefined;
}

type EventOf<Type extends RoomEvent["type"]> = Extract<RoomEvent, { readonly type: Type }>;

/** A function for each event one cares about; `any` gets all of them. What a callback throws is reported as a `warning`, and ends nothing. */
export type RoomCallbacks = { readonly [Type in RoomEvent["type"]]?: (event: EventOf<Type>) => void } & {
  readonly any?: (event: RoomEvent) => void;
};
