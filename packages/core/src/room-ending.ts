import { type ErrorCode, RoomtoneError } from "./errors.js";
import type { DisconnectReason } from "./publish.js";
import type { RoomClosed } from "./room.js";

/** How a room ends when the server ends it so; undefined for the reasons that are worth a rejoin. */
export function closedBy(reason: DisconnectReason): RoomClosed | undefined {
  switch (reason) {
    case "duplicate-identity":
      return ended(
        reason,
        "Somebody joined with the same identity, and the server lets one of them stay. Give each participant an identity of its own.",
      );
    case "participant-removed":
      return ended(reason, "A moderator removed this participant from the room.");
    case "room-deleted":
      return ended(reason, "The room was deleted.");
    case "token-refused":
      return {
        reason,
        error: new RoomtoneError(
          "token-invalid",
          "The server no longer takes the token. Make a new one with the key and secret of this server.",
        ),
      };
    case "connection-lost":
    case "server-shutdown":
    case "rejoin-requested":
    case "unknown":
      return undefined;
  }
}

/** How a room ends when no attempt to come back is left: with `error`. */
export function closedWith(error: RoomtoneError): RoomClosed {
  return { reason: reasonOf(error.code), error };
}

function ended(reason: "duplicate-identity" | "participant-removed" | "room-deleted", message: string): RoomClosed {
  return { reason, error: new RoomtoneError(reason, message) };
}

function reasonOf(code: ErrorCode): RoomClosed["reason"] {
  switch (code) {
    case "token-missing":
    case "token-invalid":
    case "token-expired":
    case "grant-missing":
      return "token-refused";
    case "server-unreachable":
    case "endpoint-unreachable":
      return "server-unreachable";
    case "room-refused":
    case "server-full":
      return "room-refused";
    case "duplicate-identity":
    case "participant-removed":
    case "room-deleted":
      return code;
    default:
      return "failed";
  }
}
