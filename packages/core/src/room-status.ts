import type { ErrorCode } from "./errors.js";
import type { RoomClosed, RoomState } from "./room.js";

/** A room as a person is told of it: every app shows these phases, in these words. */
export interface RoomStatus {
  /**
   * `connected`: in the room, with nothing published. `publishing`: what we publish is on its way to the server, for the first time or
   * again. `muted`: all of it is.
   */
  readonly phase: "connecting" | "connected" | "publishing" | "live" | "muted" | "reconnecting" | "closed";
  /** The phase, or how the room ended, in one to three words. */
  readonly label: string;
  /** What went wrong, or how it ended: a sentence. Undefined while all is well. */
  readonly happened: string | undefined;
  /** What is being done about it, or what the person can do: a sentence. */
  readonly next: string | undefined;
  /** Participants besides ourselves. */
  readonly others: number;
}

/** What to tell a person about a room in that state. */
export function describeRoom(state: RoomState): RoomStatus {
  return { ...(state.closed ? closedStatus(state.closed) : openStatus(state)), others: state.participants.length };
}

type Words = Omit<RoomStatus, "others">;

function openStatus(state: RoomState): Words {
  const phase = openPhase(state);
  const words = { phase, label: phase, happened: undefined, next: undefined };
  switch (phase) {
    case "connecting":
      return { ...words, next: "Asking the server to let us in." };
    case "reconnecting":
      return { ...words, happened: "The connection to the room was lost.", next: comingBack(state) };
    default:
      return words;
  }
}

function openPhase({ connection, publications }: RoomState): RoomStatus["phase"] {
  if (connection !== "connected") return connection;
  if (publications.length === 0) return "connected";
  if (publications.some(({ status }) => status !== "live")) return "publishing";
  return publications.every(({ muted }) => muted) ? "muted" : "live";
}

function comingBack({ attempt, publications }: RoomState): string {
  if (attempt <= 1) {
    const again = publications.length === 0 ? "" : "; what was published is published again";
    return `Coming back by itself as soon as the server answers${again}.`;
  }
  return `Coming back by itself: attempt ${attempt}, as soon as the server answers.`;
}

function closedStatus({ reason, error }: RoomClosed): Words {
  const closed = (label: string, happened: string, next?: string): Words => ({ phase: "closed", label, happened, next });
  switch (reason) {
    case "left":
      return closed("left", "You left the room.");
    case "duplicate-identity":
      return closed(
        "joined elsewhere",
        "Somebody joined with the same identity, and the room keeps the newest.",
        "Join under another one.",
      );
    case "participant-removed":
      return closed("removed", "A moderator removed you from the room.", "Ask them before you join again.");
    case "room-deleted":
      return closed("room closed", "The room was closed for everybody.", "Join another room, or open this one again.");
    case "server-unreachable":
      return closed("server gone", "The server does not answer any more.", "Check that it runs, and join again.");
    case "token-refused":
      return tokenStatus(error?.code, closed);
    case "room-refused":
      if (error?.code === "server-full") return closed("room full", "The room takes nobody more.", "Try again later.");
      return closed("refused", "The server does not let us in.", "Ask whoever runs it, or join another room.");
    case "failed":
      return closed("failed", error?.message ?? "The room ended by a fault.", "Join again.");
  }
}

function tokenStatus(code: ErrorCode | undefined, closed: (label: string, happened: string, next: string) => Words): Words {
  if (code === "token-expired") return closed("token expired", "The token's time is over.", "Get a new one, and join again.");
  return closed("token refused", "The server does not take the token.", "Get a new one, and join again.");
}
