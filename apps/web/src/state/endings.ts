import { type ErrorCode, isRoomtoneError } from "@roomtone/core";
import type { Ending } from "./studio.js";

/** What a person reads when a stay is over: what happened, and what to do next. */
export interface EndingWords {
  readonly title: string;
  readonly sentence: string;
  readonly next: string;
  /** What the button that joins once more is called. */
  readonly again: string;
}

const byReason: Partial<Record<Ending["reason"], EndingWords>> = {
  left: {
    title: "You left the room",
    sentence: "Your microphone is off, and nobody hears you.",
    next: "The room goes on without you; you can come back as you were.",
    again: "Join again",
  },
  "participant-removed": {
    title: "A moderator removed you",
    sentence: "Somebody who looks after this room took you out of it. Your microphone is off.",
    next: "Ask them before you come back.",
    again: "Ask to come in again",
  },
  "room-deleted": {
    title: "The room was closed",
    sentence: "It ended for everybody, and your microphone is off.",
    next: "Joining again opens a new room of the same name, where the server allows it.",
    again: "Open it again",
  },
  "duplicate-identity": {
    title: "You are here twice",
    sentence: "Somebody joined with your identity, from another window or with the same token, so this window left.",
    next: "Go on there; or join again here, and the other one leaves.",
    again: "Use this window",
  },
  "server-unreachable": {
    title: "The server is gone",
    sentence: "It has not answered for a while, so this page has stopped knocking.",
    next: "Check your own connection first, then ask whoever runs the server.",
    again: "Try again",
  },
};

const byCode: Partial<Record<ErrorCode, EndingWords>> = {
  "token-expired": {
    title: "Your token has expired",
    sentence: "Tokens are good for a limited time, and this one's is over.",
    next: "Get a new one from whoever gave you this one; if it is new, check this machine's clock.",
    again: "Use a new token",
  },
  "token-invalid": {
    title: "The server does not take this token",
    sentence: "It was made with another key, or is not complete.",
    next: "Copy it once more, all of it, and check that it belongs to this server.",
    again: "Use another token",
  },
  "grant-missing": {
    title: "This token does not open the room",
    sentence: "It lacks the right to join.",
    next: "Ask for a token with the grant to join this room.",
    again: "Use another token",
  },
  "endpoint-unreachable": {
    title: "No token to be had",
    sentence: "The server of this page did not give one out.",
    next: "If you run it yourself, see that it is still running: roomtone dev. With a token of your own you can join from the lobby.",
    again: "Try again",
  },
  "server-unreachable": {
    title: "The server does not answer",
    sentence: "There is nothing at its address, or something between here and there keeps it away.",
    next: "Check the address and your own connection, then try again.",
    again: "Try again",
  },
  "server-full": {
    title: "The room is full",
    sentence: "The server takes no more people right now.",
    next: "Wait until somebody leaves, then try again.",
    again: "Try again",
  },
  "room-refused": {
    title: "The server said no",
    sentence: "It did not let you into this room.",
    next: "Check the room's name, or ask whoever runs it.",
    again: "Try again",
  },
  "native-missing": {
    title: "Part of this page did not load",
    sentence: "What speaks to the server could not be fetched.",
    next: "Check your connection and load the page again.",
    again: "Try again",
  },
};

const otherwise: EndingWords = {
  title: "That did not work",
  sentence: "Something went wrong that this page has no words for.",
  next: "Try again; if it stays so, load the page anew.",
  again: "Try again",
};

export function describeEnding({ reason, error }: Ending): EndingWords {
  const known = byReason[reason];
  if (known) return known;
  if (!isRoomtoneError(error)) return otherwise;
  return byCode[error.code] ?? { ...otherwise, sentence: error.message };
}
