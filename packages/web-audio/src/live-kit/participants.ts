import type { ConnectionQuality, ParticipantInfo, RemoteParticipantState, RemoteTrackInfo, RoomInfo, TrackSource } from "@roomtone/core";
import type { Participant, RemoteParticipant, RemoteTrackPublication, Room, Track, TrackPublication } from "livekit-client";
import type { LiveKit } from "./load-live-kit.js";

const sources: Readonly<Record<string, TrackSource>> = {
  microphone: "microphone",
  camera: "camera",
  screen_share: "screen-share",
  screen_share_audio: "screen-share-audio",
};

export function describeSource(source: string): TrackSource {
  return sources[source] ?? "unknown";
}

export function vendorSource({ Track }: LiveKit, source: TrackSource): Track.Source {
  switch (source) {
    case "microphone":
      return Track.Source.Microphone;
    case "camera":
      return Track.Source.Camera;
    case "screen-share":
      return Track.Source.ScreenShare;
    case "screen-share-audio":
      return Track.Source.ScreenShareAudio;
    case "unknown":
      return Track.Source.Unknown;
  }
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
