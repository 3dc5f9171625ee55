import {
  type LeaveRequest,
  TrackType,
  type ParticipantInfo as VendorParticipant,
  ConnectionQuality as VendorQuality,
  DisconnectReason as VendorReason,
  type Room as VendorRoom,
  TrackSource as VendorSource,
  type TrackInfo as VendorTrack,
} from "@livekit/protocol";
import type { ConnectionQuality, DisconnectReason, ParticipantInfo, RemoteTrackInfo, RoomInfo, TrackSource } from "@roomtone/core";

const sources: ReadonlyArray<readonly [TrackSource, VendorSource]> = [
  ["microphone", VendorSource.MICROPHONE],
  ["camera", VendorSource.CAMERA],
  ["screen-share", VendorSource.SCREEN_SHARE],
  ["screen-share-audio", VendorSource.SCREEN_SHARE_AUDIO],
];

export function toVendorSource(source: TrackSource): VendorSource {
  return sources.find(([ours]) => ours === source)?.[1] ?? VendorSource.UNKNOWN;
}

export function toRoomInfo(room: VendorRoom | undefined): RoomInfo {
  return { sid: room?.sid ?? "", name: room?.name ?? "", metadata: room?.metadata ?? "" };
}

export function toParticipantInfo({ sid, identity, name, metadata, attributes }: VendorParticipant): ParticipantInfo {
  return { sid, identity, name, metadata, attributes: { ...attributes } };
}

/** Undefined for what is neither sound nor picture. */
export function toTrackInfo(track: VendorTrack): RemoteTrackInfo | undefined {
  if (track.type !== TrackType.AUDIO && track.type !== TrackType.VIDEO) return undefined;
  return {
    sid: track.sid,
    name: track.name,
    kind: track.type === TrackType.AUDIO ? "audio" : "video",
    source: sources.find(([, theirs]) => theirs === track.source)?.[0] ?? "unknown",
    muted: track.muted,
    subscribed: false,
  };
}

export function toQuality(quality: VendorQuality): ConnectionQuality {
  switch (quality) {
    case VendorQuality.EXCELLENT:
      return "excellent";
    case VendorQuality.GOOD:
      return "good";
    case VendorQuality.POOR:
      return "poor";
    case VendorQuality.LOST:
      return "lost";
    default:
      return "unknown";
  }
}

/** Why the server made us leave. */
export function toDisconnectReason(reason: VendorReason): DisconnectReason {
  switch (reason) {
    case VendorReason.DUPLICATE_IDENTITY:
      return "duplicate-identity";
    case VendorReason.PARTICIPANT_REMOVED:
      return "participant-removed";
    case VendorReason.ROOM_DELETED:
    case VendorReason.ROOM_CLOSED:
      return "room-deleted";
    case VendorReason.SERVER_SHUTDOWN:
      return "server-shutdown";
    case VendorReason.SIGNAL_CLOSE:
    case VendorReason.CONNECTION_TIMEOUT:
    case VendorReason.MEDIA_FAILURE:
      return "connection-lost";
    case VendorReason.STATE_MISMATCH:
    case VendorReason.MIGRATION:
      return "rejoin-requested";
    default:
      return "unknown";
  }
}

/** Where the server wants us to join instead of `url`. Never over a connection that hides less: the token goes along. */
export function otherRegion({ regions }: LeaveRequest, url: string): string | undefined {
  const isHidden = (address: string) => /^(wss|https):/i.test(address.trim());
  return regions?.regions.map((region) => region.url).find((address) => URL.canParse(address) && (isHidden(address) || !isHidden(url)));
}
