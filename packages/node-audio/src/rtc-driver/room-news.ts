import type {
  LocalTrackPublication,
  Participant,
  RemoteParticipant,
  RemoteTrack,
  RemoteTrackPublication,
  Room,
  TrackPublication,
} from "@livekit/rtc-node";
import type { DriverEvent } from "@roomtone/core";
import type { RtcNode } from "../natives/load-rtc-node.js";
import type { RoomDescriber } from "./describe-room.js";
import { RtcRemoteAudio } from "./remote-audio.js";
import { currentToken } from "./rtc-internals.js";
import { disconnectReason } from "./vendor-errors.js";

/** What the room tells of us: the connection makes something of it. */
export interface OwnNews {
  muted(publication: TrackPublication, muted: boolean): void;
  unpublished(publication: LocalTrackPublication | undefined): void;
}

/** Turns a room's callbacks into core's events, in the order in which they come. */
export class RoomNews {
  readonly #rtc: RtcNode;
  readonly #room: Room;
  readonly #describe: RoomDescriber;
  readonly #tell: (event: DriverEvent) => void;
  readonly #audios = new Map<RemoteTrack, RtcRemoteAudio>();
  #roomSid = "";
  #isInterrupted = false;

  constructor(rtc: RtcNode, room: Room, describe: RoomDescriber, own: OwnNews, tell: (event: DriverEvent) => void) {
    this.#rtc = rtc;
    this.#room = room;
    this.#describe = describe;
    this.#tell = tell;
    this.#listenToParticipants();
    this.#listenToTracks(own);
    this.#listenToRoom();
  }

  /** Ends every audio of others. */
  close(): void {
    for (const audio of this.#audios.values()) audio.end();
    this.#audios.clear();
  }

  #listenToParticipants(): void {
    const changed = (participant: Participant) => {
      if (this.#isRemote(participant)) this.#tell({ type: "participant-changed", participant: this.#describe.info(participant) });
    };
    this.#room
      .on("participantConnected", (participant) =>
        this.#tell({ type: "participant-joined", participant: this.#describe.participant(participant) }),
      )
      .on("participantDisconnected", (participant) =>
        this.#tell({ type: "participant-left", participant: this.#describe.info(participant) }),
      )
      .on("participantMetadataChanged", (_metadata, participant) => changed(participant))
      .on("participantNameChanged", (_name, participant) => changed(participant))
      .on("participantAttributesChanged", (_attributes, participant) => changed(participant))
      .on("activeSpeakersChanged", (speakers) =>
        // How loud they are, the server says and rtc-node does not hand on.
        this.#tell({ type: "active-speakers", speakers: speakers.map(({ identity }) => ({ identity, audioLevel: 0 })) }),
      )
      .on("connectionQualityChanged", (quality, { identity }) =>
        this.#tell({ type: "connection-quality", identity, quality: this.#describe.quality(quality) }),
      );
  }

  #listenToTracks(own: OwnNews): void {
    const tell = (
      type: "track-published" | "track-unpublished" | "track-unsubscribed" | "track-muted" | "track-unmuted",
      publication: TrackPublication,
      participant: Participant | undefined,
    ) => {
      if (!participant) return; // a publication of somebody whom rtc-node has not met
      this.#tell({ type, participant: this.#describe.info(participant), track: this.#describe.track(publication) });
    };
    const mute = (muted: boolean) => (publication: TrackPublication, participant: Participant) => {
      if (this.#isRemote(participant)) tell(muted ? "track-muted" : "track-unmuted", publication, participant);
      else own.muted(publication, muted);
    };
    this.#room
      .on("trackPublished", (publication, participant) => tell("track-published", publication, participant))
      .on("trackUnpublished", (publication, participant) => tell("track-unpublished", publication, participant))
      .on("trackSubscribed", (track, publication, participant) => this.#subscribed(track, publication, participant))
      .on("trackUnsubscribed", (track, publication, participant) => {
        this.#audios.get(track)?.end();
        this.#audios.delete(track);
        tell("track-unsubscribed", publication, participant);
      })
      .on("trackMuted", mute(true))
      .on("trackUnmuted", mute(false))
      .on("localTrackUnpublished", (publication) => own.unpublished(publication));
  }

  #subscribed(track: RemoteTrack, publication: RemoteTrackPublication, participant: RemoteParticipant): void {
    const description = this.#describe.track(publication);
    let audio: RtcRemoteAudio | undefined;
    if (description.kind === "audio") {
      audio = new RtcRemoteAudio(this.#rtc, track);
      this.#audios.set(track, audio);
    }
    this.#tell({ type: "track-subscribed", participant: this.#describe.info(participant), track: description, audio });
  }

  #listenToRoom(): void {
    const changed = () => this.#tell({ type: "room-metadata", room: this.#describe.room(this.#room, this.#roomSid) });
    this.#room
      .on("roomSidChanged", (sid) => {
        this.#roomSid = sid;
      })
      .on("roomMetadataChanged", changed)
      .on("moved", changed)
      .on("dataReceived", (payload, participant, _kind, topic) =>
        this.#tell({
          type: "data-received",
          payload,
          topic: topic ?? "",
          participant: participant && this.#describe.info(participant),
        }),
      )
      .on("tokenRefreshed", () => {
        const token = currentToken(this.#room);
        if (token) this.#tell({ type: "token-refreshed", token });
      })
      .on("reconnecting", () => {
        if (this.#isInterrupted) return;
        this.#isInterrupted = true;
        this.#tell({ type: "interrupted", reason: "the connection to the server was lost" });
      })
      .on("reconnected", () => {
        if (!this.#isInterrupted) return;
        this.#isInterrupted = false;
        this.#tell({ type: "resumed" });
      })
      .on("disconnected", (reason) => this.#tell({ type: "disconnected", reason: disconnectReason(this.#rtc, reason) }));
  }

  setRoomSid(sid: string): void {
    this.#roomSid = sid;
  }

  #isRemote(participant: Participant): boolean {
    return participant !== this.#room.localParticipant;
  }
}
