import {
  type AbortSignalLike,
  type AudioFrame,
  type DisconnectReason,
  type DriverEvent,
  type ParticipantInfo,
  type RemoteAudio,
  type RemoteParticipantState,
  type RemoteTrackInfo,
  type RoomInfo,
  RoomtoneError,
  type TrackSource,
  whenAborted,
} from "@roomtone/core";
import { type FakeTokenContent, readFakeToken } from "./fake-token.js";
import { FakeTrackAudio } from "./fake-track-audio.js";
import type { TestTime } from "./virtual-clock.js";

/** A track as the fake server holds it. */
export interface FakeServerTrack {
  readonly sid: string;
  readonly name: string;
  readonly source: TrackSource;
  readonly owner: FakeParticipant;
  readonly audio: FakeTrackAudio;
  muted: boolean;
}

/** What the server does to whoever holds a participant. */
export interface FakeParticipantSink {
  tell(event: DriverEvent): void;
  mutedByServer(track: FakeServerTrack, muted: boolean): void;
  end(reason: DisconnectReason): void;
  /** The wire is cut, or whole again. */
  wire(up: boolean): void;
}

export interface FakeParticipant {
  readonly sid: string;
  readonly identity: string;
  readonly name: string;
  metadata: string;
  readonly room: FakeRoom;
  readonly grants: FakeTokenContent;
  readonly subscribe: boolean;
  readonly sink: FakeParticipantSink;
  readonly tracks: Map<string, FakeServerTrack>;
}

export interface FakeRoom {
  readonly sid: string;
  readonly name: string;
  metadata: string;
  readonly participants: Map<string, FakeParticipant>;
}

/** A LiveKit server in memory: rooms, identities, tracks, mutes, eviction, moderation. Its faults are the caller's to choose. */
export class FakeServer {
  readonly url = "ws://fake.test";
  readonly time: TestTime;
  /** Wall clock that tokens are judged by. */
  readonly wallClockMs: () => number;
  readonly #rooms = new Map<string, FakeRoom>();
  readonly #thawed = new Set<() => void>();
  #nextId = 1;
  #up = true;
  #frozen = false;

  constructor(time: TestTime, wallClockMs: () => number = () => 1_800_000_000_000 + time.nowMs()) {
    this.time = time;
    this.wallClockMs = wallClockMs;
  }

  get isUp(): boolean {
    return this.#up;
  }

  room(name: string): FakeRoom | undefined {
    return this.#rooms.get(name);
  }

  participant(room: string, identity: string): FakeParticipant | undefined {
    return this.#rooms.get(room)?.participants.get(identity);
  }

  /** Whether `participant` is in its room: neither gone, evicted nor forgotten. */
  knows(participant: FakeParticipant): boolean {
    return this.#up && participant.room.participants.get(participant.identity) === participant;
  }

  /** Lets somebody in, evicting whoever has the same identity. @throws RoomtoneError as a driver's `connect` */
  admit(token: string, subscribe: boolean, sink: FakeParticipantSink): FakeParticipant {
    if (!this.#up) throw new RoomtoneError("server-unreachable", "Nothing answers.");
    const grants = readFakeToken(token, this.wallClockMs());
    const room = this.#roomOf(grants.room);
    const former = room.participants.get(grants.identity);
    if (former) this.#drop(former, "duplicate-identity");
    this.#rooms.set(room.name, room);
    const { identity, name, metadata } = grants;
    const participant: FakeParticipant = {
      sid: `PA_${this.#nextId++}`,
      ...{ identity, name, metadata, room, grants, sink },
      subscribe: subscribe && grants.canSubscribe,
      tracks: new Map(),
    };
    room.participants.set(identity, participant);
    this.#tellOthers(participant, { type: "participant-joined", participant: describeParticipant(participant) });
    if (participant.subscribe) this.#subscribeToAll(participant);
    return participant;
  }

  leave(participant: FakeParticipant): void {
    if (this.knows(participant)) this.#drop(participant, undefined);
  }

  addTrack(owner: FakeParticipant, name: string, source: TrackSource, muted: boolean): FakeServerTrack {
    if (!this.knows(owner)) throw new RoomtoneError("server-unreachable", "The server does not answer.");
    if (!owner.grants.canPublish) throw new RoomtoneError("grant-missing", "The token does not let this participant publish.");
    const track: FakeServerTrack = { sid: `TR_${this.#nextId++}`, name, source, owner, muted, audio: new FakeTrackAudio() };
    owner.tracks.set(track.sid, track);
    this.#tellOthers(owner, { type: "track-published", participant: describeInfo(owner), track: describeTrack(track) });
    for (const other of owner.room.participants.values()) if (other !== owner && other.subscribe) this.#subscribe(other, track);
    return track;
  }

  removeTrack(track: FakeServerTrack): void {
    if (!track.owner.tracks.delete(track.sid)) return;
    track.audio.end();
    const facts = { participant: describeInfo(track.owner), track: describeTrack(track) };
    for (const other of this.#others(track.owner)) {
      if (other.subscribe) other.sink.tell({ type: "track-unsubscribed", ...facts });
      other.sink.tell({ type: "track-unpublished", ...facts });
    }
  }

  setMuted(track: FakeServerTrack, muted: boolean): void {
    if (track.muted === muted) return;
    track.muted = muted;
    const facts = { participant: describeInfo(track.owner), track: describeTrack(track) };
    this.#tellOthers(track.owner, { type: muted ? "track-muted" : "track-unmuted", ...facts });
  }

  deliver(track: FakeServerTrack, frame: AudioFrame): void {
    if (!this.#frozen && track.owner.tracks.get(track.sid) === track && !track.muted) track.audio.push(frame);
  }

  sendData(from: FakeParticipant, payload: Uint8Array, topic: string, to: readonly string[]): void {
    for (const other of this.#others(from)) {
      if (to.length > 0 && !to.includes(other.identity)) continue;
      other.sink.tell({ type: "data-received", payload, topic, participant: describeInfo(from) });
    }
  }

  /** A moderator's mute. */
  muteByServer(track: FakeServerTrack, muted: boolean): void {
    this.setMuted(track, muted);
    track.owner.sink.mutedByServer(track, muted);
  }

  remove(participant: FakeParticipant): void {
    this.#drop(participant, "participant-removed");
  }

  deleteRoom(name: string): void {
    for (const participant of [...(this.#rooms.get(name)?.participants.values() ?? [])]) this.#drop(participant, "room-deleted");
  }

  setParticipantMetadata(participant: FakeParticipant, metadata: string): void {
    participant.metadata = metadata;
    this.#tellOthers(participant, { type: "participant-changed", participant: describeInfo(participant) });
  }

  setRoomMetadata(name: string, metadata: string): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.metadata = metadata;
    for (const participant of room.participants.values()) participant.sink.tell({ type: "room-metadata", room: describeRoom(room) });
  }

  /** The process dies: every wire is cut, and nothing is remembered. */
  stop(): void {
    this.#up = false;
    const all = [...this.#rooms.values()].flatMap((room) => [...room.participants.values()]);
    this.#rooms.clear();
    for (const participant of all) {
      participant.room.participants.delete(participant.identity);
      participant.sink.wire(false);
    }
  }

  start(): void {
    this.#up = true;
  }

  /** The process stands still: it takes every question and answers none, and no media goes through. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    for (const wake of [...this.#thawed]) wake();
  }

  /** Resolves while the server answers: at once, or when it thaws. Rejects with the signal's reason. */
  answering(signal?: AbortSignalLike): Promise<void> {
    if (!this.#frozen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const wake = () => {
        this.#thawed.delete(wake);
        stopListening();
        resolve();
      };
      this.#thawed.add(wake);
      const stopListening = whenAborted(signal, () => {
        this.#thawed.delete(wake);
        reject(signal?.reason);
      });
    });
  }

  /** The server forgets `participant` and tells nobody: its media goes nowhere. */
  forget(participant: FakeParticipant): void {
    participant.room.participants.delete(participant.identity);
    for (const track of [...participant.tracks.values()]) this.removeTrack(track);
    this.#tellOthers(participant, { type: "participant-left", participant: describeInfo(participant) });
  }

  #drop(participant: FakeParticipant, reason: DisconnectReason | undefined): void {
    for (const track of [...participant.tracks.values()]) this.removeTrack(track);
    participant.room.participants.delete(participant.identity);
    if (participant.room.participants.size === 0) this.#rooms.delete(participant.room.name);
    this.#tellOthers(participant, { type: "participant-left", participant: describeInfo(participant) });
    if (reason) participant.sink.end(reason);
  }

  #roomOf(name: string): FakeRoom {
    return this.#rooms.get(name) ?? { sid: `RM_${this.#nextId++}`, name, metadata: "", participants: new Map() };
  }

  #others(participant: FakeParticipant): FakeParticipant[] {
    return [...participant.room.participants.values()].filter((other) => other !== participant);
  }

  #tellOthers(participant: FakeParticipant, event: DriverEvent): void {
    for (const other of this.#others(participant)) other.sink.tell(event);
  }

  #subscribeToAll(subscriber: FakeParticipant): void {
    for (const other of this.#others(subscriber)) for (const track of other.tracks.values()) this.#subscribe(subscriber, track);
  }

  #subscribe(subscriber: FakeParticipant, track: FakeServerTrack): void {
    const audio: RemoteAudio = { kind: "pcm", format: track.audio.format, frames: (options) => track.audio.frames(options) };
    subscriber.sink.tell({
      type: "track-subscribed",
      participant: describeInfo(track.owner),
      track: { ...describeTrack(track), subscribed: true },
      audio,
    });
  }
}

export function describeRoom(room: FakeRoom): RoomInfo {
  return { sid: room.sid, name: room.name, metadata: room.metadata };
}

export function describeInfo({ sid, identity, name, metadata }: FakeParticipant): ParticipantInfo {
  return { sid, identity, name, metadata, attributes: {} };
}

export function describeTrack({ sid, name, source, muted }: FakeServerTrack): RemoteTrackInfo {
  return { sid, name, kind: "audio", source, muted, subscribed: false };
}

export function describeParticipant(participant: FakeParticipant): RemoteParticipantState {
  const tracks = [...participant.tracks.values()].map(describeTrack);
  return { ...describeInfo(participant), tracks, speaking: false, audioLevel: 0, quality: "unknown" };
}
