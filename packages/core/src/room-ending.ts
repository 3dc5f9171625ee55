import { type ErrorCode, RoomtoneError } from "./errors.js";
import type { DisconnectReason } from "./publish.js";
import type { RoomClosed } from "./room.js";

type FinalReason = Extract<DisconnectReason, RoomClosed["reason"]>;

const sentences: Readonly<Record<FinalReason, string>> = {
  "duplicate-identity":
    "Somebody joined with the same identity, and the server lets one of them stay. Give each participant an identity of its own.",
  "participant-removed": "A moderator removed this participant from the room.",
  "room-deleted": "The room was deleted.",
  "token-refused": "The server no longer takes the token. Make a new one with the key and secret of this server.",
};

/** How a room ends when the server ends it so; undefined for the reasons that are worth a rejoin. */
export function closedBy(reason: DisconnectReason): RoomClosed | undefined {
  if (!isFinal(reason)) return undefined;
  return { reason, error: new RoomtoneError(reason === "token-refused" ? "token-invalid" : reason, sentences[reason]) };
}

/** How a room ends when no attempt to come back is left: with `error`. */
export function closedWith(error: RoomtoneError): RoomClosed {
  return { reason: reasonOf(error.code), error };
}

function isFinal(reason: DisconnectReason): reason is FinalReason {
  return reason in sentences;
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
