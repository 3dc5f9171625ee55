import {
  type ConnectionQualityInfo,
  type JoinResponse,
  ParticipantInfo_State,
  type ParticipantPermission,
  type SpeakerInfo,
  type ParticipantInfo as VendorParticipant,
  type Room as VendorRoom,
} from "@livekit/protocol";
import type { DriverEvent, ParticipantInfo, RemoteParticipantState, RemoteTrackInfo, RoomInfo } from "@roomtone/core";
import { toParticipantInfo, toQuality, toRoomInfo, toTrackInfo } from "./protocol-mapping.js";

interface Known {
  info: ParticipantInfo;
  tracks: ReadonlyMap<string, RemoteTrackInfo>;
  version: number;
}

/** Who is in the room, as the server says it, turned into events: what changed, each told once. */
export class RoomRoster {
  readonly localParticipant: ParticipantInfo;
  readonly #tell: (event: DriverEvent) => void;
  readonly #others = new Map<string, Known>();
  readonly #speakers = new Map<string, number>();
  #room: RoomInfo;
  #permission: ParticipantPermission | undefined;

  constructor(join: JoinResponse, tell: (event: DriverEvent) => void) {
    this.#tell = tell;
    this.#room = toRoomInfo(join.room);
    this.localParticipant = toParticipantInfo(join.participant ?? ({} as VendorParticipant));
    this.#permission = join.participant?.permission;
    for (const participant of join.otherParticipants) {
      if (participant.state !== ParticipantInfo_State.DISCONNECTED) this.#others.set(participant.sid, known(participant));
    }
  }

  get room(): RoomInfo {
    return this.#room;
  }

  /** What the server lets us do now; undefined where it never said. */
  get permission(): ParticipantPermission | undefined {
    return this.#permission;
  }

  get participants(): readonly RemoteParticipantState[] {
    return [...this.#others.values()].map(present);
  }

  withIdentity(identity: string): ParticipantInfo | undefined {
    return [...this.#others.values()].find((other) => other.info.identity === identity)?.info;
  }

  updateParticipants(participants: readonly VendorParticipant[]): void {
    for (const participant of participants) {
      if (participant.sid === this.localParticipant.sid) this.#permission = participant.permission ?? this.#permission;
      else if (participant.identity !== this.localParticipant.identity) this.#updateOther(participant);
    }
  }

  updateRoom(room: VendorRoom): void {
    const before = this.#room;
    this.#room = toRoomInfo(room);
    if (before.metadata !== this.#room.metadata) this.#tell({ type: "room-metadata", room: this.#room });
  }

  updateSpeakers(speakers: readonly SpeakerInfo[]): void {
    for (const { sid, active, level } of speakers) {
      if (active) this.#speakers.set(sid, level);
      else this.#speakers.delete(sid);
    }
    this.#tellSpeakers();
  }

  updateQuality(updates: readonly ConnectionQualityInfo[]): void {
    for (const { participantSid, quality } of updates) {
      const identity = this.#identityOf(participantSid);
      if (identity !== undefined) this.#tell({ type: "connection-quality", identity, quality: toQuality(quality) });
    }
  }

  #updateOther(participant: VendorParticipant): void {
    const before = this.#others.get(participant.sid);
    if (participant.state === ParticipantInfo_State.DISCONNECTED) {
      if (before) this.#remove(participant.sid, before);
      return;
    }
    if (before && participant.version < before.version) return;
    const now = known(participant);
    if (!before) {
      // Who rejoins may be announced before the old session's end is.
      for (const [sid, other] of this.#others) if (other.info.identity === now.info.identity) this.#remove(sid, other);
    }
    this.#others.set(participant.sid, now);
    if (before) {
      this.#tellChanges(before, now);
      return;
    }
    // The server may announce a newcomer seconds later, with tracks: they are told as tracks, however they came to be known.
    const newcomer = { ...now, tracks: new Map<string, RemoteTrackInfo>() };
    this.#tell({ type: "participant-joined", participant: present(newcomer) });
    this.#tellChanges(newcomer, now);
  }

  #remove(sid: string, other: Known): void {
    this.#others.delete(sid);
    const spoke = this.#speakers.delete(sid);
    this.#tell({ type: "participant-left", participant: other.info });
    if (spoke) this.#tellSpeakers();
  }

  #tellChanges(before: Known, now: Known): void {
    const participant = now.info;
    if (JSON.stringify(before.info) !== JSON.stringify(participant)) this.#tell({ type: "participant-changed", participant });
    for (const [sid, track] of before.tracks) if (!now.tracks.has(sid)) this.#tell({ type: "track-unpublished", participant, track });
    for (const [sid, track] of now.tracks) {
      const old = before.tracks.get(sid);
      if (!old) this.#tell({ type: "track-published", participant, track });
      else if (old.muted !== track.muted) this.#tell({ type: track.muted ? "track-muted" : "track-unmuted", participant, track });
    }
  }

  #tellSpeakers(): void {
    const speakers = [...this.#speakers]
      .sort(([, a], [, b]) => b - a)
      .flatMap(([sid, audioLevel]) => {
        const identity = this.#identityOf(sid);
        return identity === undefined ? [] : [{ identity, audioLevel }];
      });
    this.#tell({ type: "active-speakers", speakers });
  }

  #identityOf(sid: string): string | undefined {
    return sid === this.localParticipant.sid ? this.localParticipant.identity : this.#others.get(sid)?.info.identity;
  }
}

function known(participant: VendorParticipant): Known {
  const tracks = participant.tracks.flatMap((track) => toTrackInfo(track) ?? []);
  return { info: toParticipantInfo(participant), tracks: new Map(tracks.map((track) => [track.sid, track])), version: participant.version };
}

function present({ info, tracks }: Known): RemoteParticipantState {
  return { ...info, tracks: [...tracks.values()], speaking: false, audioLevel: 0, quality: "unknown" };
}
