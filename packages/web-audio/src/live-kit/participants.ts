import type { ConnectionQuality, ParticipantInfo, RemoteParticipantState, RemoteTrackInfo, RoomInfo, TrackSource } from "@roomtone/core";
import type { Participant, RemoteParticipant, RemoteTrackPublication, Room, Track, TrackPublication } from "livekit-client";

const sources: Readonly<Record<string, TrackSource>> = {
  microphone: "microphone",
  camera: "camera",
  screen_share: "screen-share",
  screen_share_audio: "screen-share-audio",
};

export function describeSource(source: string): TrackSource {
  return sources[source] ?? "unknown";
}

/** The client's words are ours with other hyphens. */
export function vendorSource(source: TrackSource): Track.Source {
  return source.replaceAll("-", "_") as Track.Source;
}

export function describeParticipant(participant: Participant): ParticipantInfo {
  return {
    sid: participant.sid,
    identity: participant.identity,
    name: participant.name ?? "",
    metadata: participant.metadata ?? "",
    attributes: { ...participant.attributes },
  };
}

/** Somebody of whom the server has said nothing yet; undefined for the server itself. */
export function describeStranger(identity: string): ParticipantInfo | undefined {
  return identity === "" ? undefined : { sid: "", identity, name: "", metadata: "", attributes: {} };
}

export function describeRemoteParticipant(participant: RemoteParticipant): RemoteParticipantState {
  return {
    ...describeParticipant(participant),
    tracks: [...participant.trackPublications.values()].map(describeTrack),
    speaking: participant.isSpeaking,
    audioLevel: participant.audioLevel,
    quality: participant.connectionQuality as ConnectionQuality,
  };
}

export function describeTrack(publication: TrackPublication): RemoteTrackInfo {
  return {
    sid: publication.trackSid,
    name: publication.trackName,
    kind: publication.kind === "video" ? "video" : "audio",
    source: describeSource(publication.source),
    muted: publication.isMuted,
    subscribed: (publication as unknown as Partial<RemoteTrackPublication>).isSubscribed === true,
  };
}

export function describeRoom(room: Room, sid: string): RoomInfo {
  return { sid, name: room.name, metadata: room.metadata ?? "" };
}
