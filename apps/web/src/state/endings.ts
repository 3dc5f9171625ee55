import { describeRoom, type ErrorCode, initialRoomState, type RoomClosed, type RoomtoneError } from "@roomtone/core";

/** How a stay ended, or why there was none. */
export type Ending = { readonly tokenByHand?: boolean } & (
  | { readonly kind: "closed"; readonly closed: RoomClosed }
  | { readonly kind: "not-joined"; readonly error: RoomtoneError }
);

/** What a person reads when a stay is over: what happened, and what to do next. */
export interface EndingWords {
  readonly title: string;
  readonly sentence: string;
  readonly next: string;
  /** What the button that joins once more is called. */
  readonly again: string;
}

/** What a page has to say of an end besides core's words, which every app shows. */
const closedHere: Readonly<Record<RoomClosed["reason"], { readonly next?: string; readonly again: string }>> = {
  left: { next: "The room goes on without you; you can come back as you were.", again: "Join again" },
  "duplicate-identity": { next: "Go on in the other window; or join again here, and the other one leaves.", again: "Use this window" },
  "participant-removed": { again: "Join again" },
  "room-deleted": { again: "Open it again" },
  "server-unreachable": { again: "Try again" },
  "token-refused": { again: "Use another token" },
  "room-refused": { again: "Try again" },
  failed: { next: "Join again; if it stays so, load the page anew.", again: "Try again" },
};

/** A join that fails for what no room ever ended by. */
const notJoined: Partial<Record<ErrorCode, EndingWords>> = {
  "grant-missing": {
    title: "This token does not open the room",
    sentence: "It lacks the right to join.",
    next: "Ask for a token with the grant to join this room.",
    again: "Use another token",
  },
  unsupported: {
    title: "Not with this browser",
    sentence: "This browser has no WebRTC, or an extension blocks it: use a current browser.",
    next: "Where it is an extension, let it allow WebRTC here, then try again.",
    again: "Try again",
  },
  "endpoint-unreachable": {
    title: "This page got no token",
    sentence: "Its server did not give one out.",
    next: "If you run it yourself, see that it is still running: roomtone dev. With a token of your own you can join from the lobby.",
    again: "Try again",
  },
  "server-unreachable": {
    title: "The server does not answer",
    sentence: "There is nothing at its address, or something between here and there keeps it away.",
    next: "Check the address and your own connection, then try again.",
    again: "Try again",
  },
  // Browsers do not tell a page why a socket fails.
  "server-full": {
    title: "Turned away",
    sentence: "The room takes nobody more; or something on the way, such as a proxy or an extension, blocks WebSockets.",
    next: "Try again later, or from another network.",
    again: "Try again",
  },
  "native-missing": {
    title: "Part of this page did not load",
    sentence: "What speaks to the server could not be fetched.",
    next: "Check your connection and try again; if it stays so, load the page anew.",
    again: "Try again",
  },
};

export function describeEnding(ending: Ending): EndingWords {
  const words = wordsOf(ending);
  if (ending.tokenByHand || !isTokenSpent(ending)) return words;
  return { ...words, next: "This page asks for a new one when you join again.", again: "Join again" };
}

function wordsOf(ending: Ending): EndingWords {
  if (ending.kind === "closed") return closedWords(ending.closed, " Your microphone is off.");
  const { error } = ending;
  return notJoined[error.code] ?? closedWords({ reason: reasonOf(error.code), error }, "");
}

export function isTokenSpent(ending: Ending): boolean {
  const reason = ending.kind === "closed" ? ending.closed.reason : reasonOf(ending.error.code);
  return reason === "token-refused";
}

function closedWords(closed: RoomClosed, besides: string): EndingWords {
  const { label, happened = "", next = "" } = describeRoom({ ...initialRoomState, connection: "closed", closed });
  const here = closedHere[closed.reason];
  return { title: label, sentence: `${happened}${besides}`, next: here.next ?? next, again: here.again };
}

function reasonOf(code: ErrorCode): RoomClosed["reason"] {
  switch (code) {
    case "token-missing":
    case "token-invalid":
    case "token-expired":
    case "grant-missing":
      return "token-refused";
    case "room-refused":
    case "server-full":
      return "room-refused";
    default:
      return "failed";
  }
}
