import type { DisconnectReason, DriverEvent, RoomInfo } from "@roomtone/core";
import type { LocalTrackPublication, Participant, Room, TrackPublication } from "livekit-client";
import type { LiveKit } from "./load-live-kit.js";
import { describeParticipant, describeRemoteParticipant, describeStranger, describeTrack } from "./participants.js";
import type { LiveKitTrack } from "./published-track.js";
import type { RemotePlayback } from "./remote-audio.js";

export interface RoomEventSink {
  readonly subscribe: boolean;
  /** What the room is joined with. */
  readonly token: string;
  readonly playback: RemotePlayback;
  tell(event: DriverEvent): void;
  end(reason: DisconnectReason): void;
  /** The server let the same session go on; whether media flows again is not known yet. */
  signalResumed(): void;
  roomInfo(): RoomInfo;
  /** Our own track behind a publication of ours. */
  trackOf(publication: LocalTrackPublication): LiveKitTrack | undefined;
}

/** The part of livekit-client's engine that the room has no events for. */
interface EngineNews {
  on(event: "tokenRefreshed", listener: (token: string) => void): unknown;
  on(event: "signalResumed", listener: () => void): unknown;
  /** Before the room takes it. */
  prependListener(event: "dataPacketReceived", listener: (packet: { readonly participantIdentity: string }) => void): unknown;
}

/** Tells `sink` what happens in `room`, in core's words. */
export function forwardRoomEvents(liveKit: LiveKit, room: Room, sink: RoomEventSink): void {
  const { RoomEvent } = liveKit;
  const { tell } = sink;
  const isLocal = (participant: Participant) => participant === room.localParticipant;
  // The server may tell of a participant up to a second after that one's first message, and the room then leaves out who sent it.
  let senderIdentity = "";
  const changed = (participant: Participant) => tell({ type: "participant-changed", participant: describeParticipant(participant) });
  const trackEvent = (
    type: "track-published" | "track-unpublished" | "track-unsubscribed" | "track-muted" | "track-unmuted",
    publication: TrackPublication,
    participant: Participant,
  ) => tell({ type, participant: describeParticipant(participant), track: describeTrack(publication) });
  const muteEvent = (muted: boolean) => (publication: TrackPublication, participant: Participant) => {
    if (!isLocal(participant)) trackEvent(muted ? "track-muted" : "track-unmuted", publication, participant);
    else {
      const track = sink.trackOf(publication as LocalTrackPublication);
      if (track?.takeForeignMute(muted)) tell({ type: "muted-by-server", trackId: track.id, muted });
    }
  };

  room
    .on(RoomEvent.ParticipantConnected, (participant) =>
      tell({ type: "participant-joined", participant: describeRemoteParticipant(participant) }),
    )
    .on(RoomEvent.ParticipantDisconnected, (participant) =>
      tell({ type: "participant-left", participant: describeParticipant(participant) }),
    )
    .on(RoomEvent.ParticipantMetadataChanged, (_before, participant) => changed(participant))
    .on(RoomEvent.ParticipantNameChanged, (_name, participant) => changed(participant))
    .on(RoomEvent.ParticipantAttributesChanged, (_attributes, participant) => changed(participant))
    .on(RoomEvent.TrackPublished, (publication, participant) => trackEvent("track-published", publication, participant))
    .on(RoomEvent.TrackUnpublished, (publication, participant) => trackEvent("track-unpublished", publication, participant))
    .on(RoomEvent.TrackUnsubscribed, (_track, publication, participant) => {
      if (sink.subscribe) trackEvent("track-unsubscribed", publication, participant);
    })
    .on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
      if (!sink.subscribe) return;
      tell({
        type: "track-subscribed",
        participant: describeParticipant(participant),
        track: describeTrack(publication),
        audio: track.kind === liveKit.Track.Kind.Audio ? sink.playback.audioOf(track.mediaStreamTrack) : undefined,
      });
    })
    .on(RoomEvent.TrackMuted, muteEvent(true))
    .on(RoomEvent.TrackUnmuted, muteEvent(false))
    .on(RoomEvent.LocalTrackUnpublished, (publication) => {
      const track = sink.trackOf(publication);
      // The client also unpublishes everything on its way to `Disconnected`, which it tells of right after.
      queueMicrotask(() => {
        if (room.state === liveKit.ConnectionState.Connected && track?.takeLoss()) tell({ type: "track-lost", trackId: track.id });
      });
    })
    .on(RoomEvent.ActiveSpeakersChanged, (speakers) =>
      tell({ type: "active-speakers", speakers: speakers.map(({ identity, audioLevel }) => ({ identity, audioLevel })) }),
    )
    .on(RoomEvent.ConnectionQualityChanged, (quality, { identity }) => tell({ type: "connection-quality", identity, quality }))
    .on(RoomEvent.RoomMetadataChanged, () => tell({ type: "room-metadata", room: sink.roomInfo() }))
    .on(RoomEvent.DataReceived, (payload, participant, _kind, topic) =>
      tell({
        type: "data-received",
        payload,
        topic: topic ?? "",
        participant: participant ? describeParticipant(participant) : describeStranger(senderIdentity),
      }),
    )
    .on(RoomEvent.SignalReconnecting, () => tell({ type: "interrupted", reason: "the signal connection was lost" }))
    .on(RoomEvent.Reconnected, () => tell({ type: "resumed" }))
    // A full reconnect, or no network at all: joining anew is core's part, and it does so with a fresh token.
    .on(RoomEvent.Reconnecting, () => sink.end("rejoin-requested"))
    .on(RoomEvent.Disconnected, (reason) => sink.end(describeReason(liveKit, reason)))
    .on(RoomEvent.SignalConnected, () => {
      const engine = room.engine as unknown as Partial<EngineNews>;
      engine.prependListener?.("dataPacketReceived", ({ participantIdentity }) => {
        senderIdentity = participantIdentity;
      });
      engine.on?.("signalResumed", () => sink.signalResumed());
      // The client also says so of the token that it has, whenever its connection is interrupted.
      let known = sink.token;
      engine.on?.("tokenRefreshed", (token) => {
        if (token !== known) tell({ type: "token-refreshed", token });
        known = token;
      });
    });
}

function describeReason({ DisconnectReason: Reason }: LiveKit, reason: number | undefined): DisconnectReason {
  switch (reason) {
    case Reason.DUPLICATE_IDENTITY:
      return "duplicate-identity";
    case Reason.PARTICIPANT_REMOVED:
      return "participant-removed";
    case Reason.ROOM_DELETED:
    case Reason.ROOM_CLOSED:
      return "room-deleted";
    case Reason.SERVER_SHUTDOWN:
      return "server-shutdown";
    case Reason.MIGRATION:
      return "rejoin-requested";
    default:
      // The client gives up its one resume without a reason, and leaves by itself when the page is frozen or hidden for good.
      return "connection-lost";
  }
}
