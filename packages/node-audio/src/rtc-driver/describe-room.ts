import type {
  Participant,
  RemoteParticipant,
  RemoteTrackPublication,
  Room,
  TrackPublication,
  ConnectionQuality as VendorQuality,
} from "@livekit/rtc-node";
import type { ConnectionQuality, ParticipantInfo, RemoteParticipantState, RemoteTrackInfo, RoomInfo, TrackSource } from "@roomtone/core";
import type { RtcNode } from "../natives/load-rtc-node.js";

/** rtc-node's objects as core's values. Each call makes a new one: the objects change under one's hands. */
export class RoomDescriber {
  readonly #rtc: RtcNode;

  constructor(rtc: RtcNode) {
    this.#rtc = rtc;
  }

  room(room: Room, sid: string): RoomInfo {
    return { sid, name: room.name ?? "", metadata: room.metadata ?? "" };
  }

  info({ sid, identity, name, metadata, attributes }: Participant): ParticipantInfo {
    return { sid: sid ?? "", identity, name: name ?? "", metadata, attributes: { ...attributes } };
  }

  participant(participant: RemoteParticipant): RemoteParticipantState {
    const publications = [...participant.trackPublications.values()] as RemoteTrackPublication[];
    return {
      ...this.info(participant),
      tracks: publications.map((publication) => this.track(publication)),
      speaking: false,
      audioLevel: 0,
      quality: "unknown",
    };
  }

  track(publication: TrackPublication & { readonly subscribed?: boolean }): RemoteTrackInfo {
    return {
      sid: publication.sid ?? "",
      name: publication.name ?? "",
      kind: publication.kind === this.#rtc.TrackKind.KIND_VIDEO ? "video" : "audio",
      source: this.#source(publication.source),
      muted: publication.muted ?? false,
      subscribed: publication.subscribed ?? false,
    };
  }

  quality(quality: VendorQuality): ConnectionQuality {
    const { ConnectionQuality: vendor } = this.#rtc;
    switch (quality) {
      case vendor.QUALITY_EXCELLENT:
        return "excellent";
      case vendor.QUALITY_GOOD:
        return "good";
      case vendor.QUALITY_POOR:
        return "poor";
      case vendor.QUALITY_LOST:
        return "lost";
      default:
        return "unknown";
    }
  }

  vendorSource(source: TrackSource) {
    const { TrackSource: vendor } = this.#rtc;
    switch (source) {
      case "microphone":
        return vendor.SOURCE_MICROPHONE;
      case "screen-share-audio":
        return vendor.SOURCE_SCREENSHARE_AUDIO;
      case "camera":
        return vendor.SOURCE_CAMERA;
      case "screen-share":
        return vendor.SOURCE_SCREENSHARE;
      default:
        return vendor.SOURCE_UNKNOWN;
    }
  }

  #source(source: TrackPublication["source"]): TrackSource {
    const { TrackSource: vendor } = this.#rtc;
    switch (source) {
      case vendor.SOURCE_MICROPHONE:
        return "microphone";
      case vendor.SOURCE_SCREENSHARE_AUDIO:
        return "screen-share-audio";
      case vendor.SOURCE_CAMERA:
        return "camera";
      case vendor.SOURCE_SCREENSHARE:
        return "screen-share";
      default:
        return "unknown";
    }
  }
}
