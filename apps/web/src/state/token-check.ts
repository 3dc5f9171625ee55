import { checkToken, isRoomtoneError } from "@roomtone/core";

/** What is wrong with a token that was given by hand, in a sentence; undefined where it may work. */
export function checkAccess(token: string, wallClockMs: number): string | undefined {
  try {
    checkToken(token, wallClockMs);
    return undefined;
  } catch (error) {
    if (isRoomtoneError(error, "token-missing")) return "Paste the token that you were given.";
    return isRoomtoneError(error) ? error.message : "This is not a token.";
  }
}
