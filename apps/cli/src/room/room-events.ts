import type { CaptureEvent, ErrorCode, RoomClosed, RoomEvent } from "@roomtone/core";
import type { CliEvent } from "../output/events.js";

/** What `--json` says about a room's event; undefined for those that its contract does not have. */
export function fromRoomEvent(event: RoomEvent): CliEvent | undefined {
  switch (event.type) {
    case "connected":
      return { event: "connected", room: event.room.name, identity: event.localParticipant.identity, attempt: event.attempt };
    case "published":
      return {
        event: "published",
        track: event.publication.name,
        sid: event.publication.sid,
        driver: event.driver,
        elapsedMs: Math.round(event.elapsedMs),
        muted: event.publication.muted,
      };
    case "muted":
    case "unmuted":
      return { event: event.type, track: event.publication.name, by: event.by };
    case "quality-changed": {
      const { publication, settings, because, explanation } = event;
      return { event: "quality-changed", track: publication.name, ...settings, because, explanation };
    }
    case "reconnecting":
      return { event: "reconnecting", reason: event.reason, attempt: event.attempt };
    case "reconnected":
      return { event: "reconnected", attempt: event.attempt, resumed: event.resumed, outageMs: Math.round(event.outageMs) };
    case "participant-joined":
    case "participant-left":
      return { event: event.type, identity: event.participant.identity, name: event.participant.name };
    case "track-subscribed":
    case "track-unsubscribed":
      return {
        event: event.type,
        identity: event.participant.identity,
        track: event.track.name,
        sid: event.track.sid,
        kind: event.track.kind,
      };
    case "publish-failed":
      return { event: "warning", message: event.error.message, code: event.error.code };
    case "publication-lost":
      return { event: "warning", message: `The server dropped the track ${event.publication.name}; it is published again.` };
    case "warning":
      return { event: "warning", message: event.message, ...(event.error && { code: event.error.code }) };
    default:
      return undefined;
  }
}

export function fromCaptureEvent(event: CaptureEvent): CliEvent {
  return event.type === "device-lost"
    ? { event: "device-lost", device: event.deviceName }
    : { event: "device-restored", device: event.deviceName, fallback: event.fallback, gapMs: Math.round(event.gapMs) };
}

const REASONS: Partial<Record<ErrorCode, RoomClosed["reason"]>> = {
  "duplicate-identity": "duplicate-identity",
  "participant-removed": "participant-removed",
  "room-deleted": "room-deleted",
  "server-unreachable": "server-unreachable",
  "room-refused": "room-refused",
  "server-full": "room-refused",
  "token-invalid": "token-refused",
  "token-expired": "token-refused",
};

/** The reason that `closed` gives where an error ended a command before, or without, a room's own end. */
export function closedReason(code: ErrorCode): RoomClosed["reason"] {
  return REASONS[code] ?? "failed";
}
