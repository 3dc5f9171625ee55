import { randomInt } from "node:crypto";

const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"; // none that are read as another

/** An identity that nobody else in the room has: two participants of one identity evict each other. */
export function uniqueIdentity(): string {
  return `roomtone-${Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
}
