import type { DisconnectReason as VendorReason } from "@livekit/rtc-node";
import { type DisconnectReason, RoomtoneError } from "@roomtone/core";
import type { RtcNode } from "../natives/load-rtc-node.js";

/*
 * No error made here has the vendor's as its cause: the message of a ConnectError can contain the whole token, and a
 * cause is printed with the error.
 */

export function disconnectReason(rtc: RtcNode, reason: VendorReason | undefined): DisconnectReason {
  const vendor = rtc.DisconnectReason;
  switch (reason) {
    case vendor.DUPLICATE_IDENTITY:
      return "duplicate-identity";
    case vendor.PARTICIPANT_REMOVED:
      return "participant-removed";
    case vendor.ROOM_DELETED:
    case vendor.ROOM_CLOSED:
      return "room-deleted";
    case vendor.SERVER_SHUTDOWN:
      return "server-shutdown";
    case vendor.MIGRATION:
      return "rejoin-requested";
    case vendor.STATE_MISMATCH:
    case vendor.SIGNAL_CLOSE:
    case vendor.CONNECTION_TIMEOUT:
    case vendor.MEDIA_FAILURE:
    case vendor.UNKNOWN_REASON: // its reconnecting has given up
      return "connection-lost";
    default:
      return "unknown";
  }
}

export function connectionOver(): RoomtoneError {
  return new RoomtoneError("server-unreachable", "The connection to the room is over. Join again.", { retryable: true });
}

/**
 * Whether the server answered the join itself with an error, after it had taken the token. The status is all that the
 * vendor tells of it, and in its text alone.
 */
export function isTurnedAway(error: unknown): boolean {
  return error instanceof Error && /handshake error: (429|5\d\d)\b/.test(error.message);
}

export function connectDeadline(durationMs: number): RoomtoneError {
  return new RoomtoneError(
    "server-unreachable",
    `The server did not let us in within ${durationMs / 1000} s. Check the address and that the server runs.`,
    { retryable: true },
  );
}

/** The server answered nothing to a publish: it is away, or frozen. */
export function publishDeadline(): RoomtoneError {
  return new RoomtoneError("server-unreachable", "The server did not take the track in time. Check that it runs, and try again.", {
    retryable: true,
  });
}

export function publishRefused(name: string): RoomtoneError {
  return new RoomtoneError(
    "room-refused",
    `The server refused the track ${JSON.stringify(name)}. Check the room's settings on the server.`,
  );
}

export function grantMissing(grant: "canPublish" | "canPublishSources" | "canPublishData", what: string): RoomtoneError {
  return new RoomtoneError("grant-missing", `The token does not allow ${what}: it needs the grant ${grant}. Make a token with it.`, {
    grant,
  });
}

/** The native source takes no more audio: the track that it feeds is dead, and another one is not. */
export function sourceBroke(): RoomtoneError {
  return new RoomtoneError("internal", "The native audio source stopped taking audio; the track is published again.", { retryable: true });
}
