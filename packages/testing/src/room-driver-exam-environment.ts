import type { RoomDriver, TrackSource } from "@roomtone/core";
import type { ExamCapture } from "./exam-capture.js";
import type { HeardAudio } from "./heard-audio.js";
import type { TestTime } from "./virtual-clock.js";

/** Everything that the exam of a room driver needs: the driver, a server, and eyes and hands that are not the driver's. */
export interface RoomDriverExamEnvironment {
  readonly driver: RoomDriver;
  readonly url: string;
  /** An address at which nothing listens. */
  readonly deadUrl: string;
  readonly time: TestTime;
  /** What the driver claims to be able to do. The exam checks that it does, and that it does not pretend otherwise. */
  readonly abilities: RoomDriverAbilities;
  token(options: ExamTokenOptions): Promise<string>;
  /** Another participant, present and subscribed when the promise resolves, through a client that is not the driver under test. */
  join(options: { readonly identity: string; readonly room: string }): Promise<RoomPeer>;
  readonly moderator: RoomModerator;
  /** A new open source of a tone with half the full scale. The exam closes it. */
  capture(frequencyHz: number): ExamCapture;
  /** Releases all of it. */
  close(): Promise<void>;
}

export interface RoomDriverAbilities {
  readonly replace: boolean;
  readonly networkSamples: boolean;
  readonly data: boolean;
}

export interface ExamTokenOptions {
  readonly identity: string;
  readonly room: string;
  readonly name?: string;
  readonly metadata?: string;
  /** Default: may publish, subscribe and send data. */
  readonly grants?: { readonly canPublish?: boolean; readonly canSubscribe?: boolean; readonly canPublishData?: boolean };
  /** What is wrong with the token, where something is: an hour over its time, or signed with another secret. */
  readonly fault?: "expired" | "wrong-signature";
}

/** What another participant sees of one. */
export interface SeenParticipant {
  readonly identity: string;
  readonly tracks: readonly SeenTrack[];
}

export interface SeenTrack {
  readonly sid: string;
  readonly name: string;
  readonly source: TrackSource;
  readonly muted: boolean;
}

/** Another participant of the room. */
export interface RoomPeer {
  /** Everybody else, as this peer sees the room now. */
  participants(): Promise<readonly SeenParticipant[]>;
  /** Listens for `windowMs` to the newest track of that name. Where nothing arrives it is silence: no error. */
  hear(identity: string, trackName: string, windowMs: number): Promise<HeardAudio>;
  /** Publishes a tone with half the full scale, source `microphone`; resolves when the server has it. */
  publish(frequencyHz: number, options: { readonly name: string }): Promise<{ readonly sid: string; unpublish(): Promise<void> }>;
  sendData(payload: Uint8Array, options: { readonly topic: string }): Promise<void>;
  /** Data messages received so far, oldest first. */
  readonly received: readonly { readonly payload: Uint8Array; readonly topic: string; readonly identity: string }[];
  /** Idempotent. */
  leave(): Promise<void>;
}

/** The server's API, used as a moderator does. Each promise resolves when the server has done it. */
export interface RoomModerator {
  mute(room: string, identity: string, trackSid: string): Promise<void>;
  remove(room: string, identity: string): Promise<void>;
  deleteRoom(room: string): Promise<void>;
  setParticipantMetadata(room: string, identity: string, metadata: string): Promise<void>;
  setRoomMetadata(room: string, metadata: string): Promise<void>;
}
