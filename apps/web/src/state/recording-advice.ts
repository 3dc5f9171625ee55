import type { RoomtoneError } from "@roomtone/core";

/** Why nothing is recorded, and what to do about it. */
export function recordingAdvice(error: RoomtoneError): string {
  return error.code === "unsupported" ? "This browser cannot record: use a current one." : error.message;
}
