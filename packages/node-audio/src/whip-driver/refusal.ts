import { type ErrorDetails, RoomtoneError, readToken } from "@roomtone/core";
import type { WhipAnswer } from "./exchange.js";

/** Why the server did not open a session, as one of our errors. */
export function refusalError({ status, headers }: Pick<WhipAnswer, "status" | "headers">, token: string): RoomtoneError {
  const asked = retryAfterMs(headers.get("retry-after"), Date.now());
  const later: ErrorDetails = { status, retryable: true, ...(asked === undefined ? {} : { retryAfterMs: asked }) };
  if (status === 401) return refusedToken(token);
  if (status === 403) return refused("The server does not let the bearer of this token publish here.", { status });
  if (status === 404 || status === 405 || status === 501) {
    return refused("Nothing takes WHIP at this address. Check its path; a LiveKit server's own address begins with wss: or ws:.", {
      status,
    });
  }
  if (status === 409) return refused("Somebody publishes at this address already.", { status, retryable: true });
  if (status === 429) return new RoomtoneError("server-full", "The server takes no more publishers now.", later);
  if (status >= 500) {
    const message = `The server, or a proxy before it, answered with status ${status}. Try again later.`;
    return new RoomtoneError("server-unreachable", message, later);
  }
  if (status >= 300 && status < 400) {
    return refused(`The server sends us elsewhere in a way that WHIP does not allow (status ${status}). Give the address itself.`, {
      status,
    });
  }
  return refused(`The server did not accept one track of Opus audio (status ${status}).`, { status });
}

function refusedToken(token: string): RoomtoneError {
  const status = 401;
  if (token === "") return new RoomtoneError("token-missing", "The server wants a token: give the one for this endpoint.", { status });
  if (hasExpired(token)) {
    return new RoomtoneError("token-expired", "The server refused the token: its time is over. Make a new one, and check both clocks.", {
      status,
    });
  }
  return new RoomtoneError("token-invalid", "The server refused the token. Check that it was made for this endpoint, with its own key.", {
    status,
  });
}

/** What a Retry-After asks for: seconds, or a date. */
export function retryAfterMs(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const atMs = /^[a-z]+,? /i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

function hasExpired(token: string): boolean {
  try {
    return (readToken(token).expiresAtS ?? Number.POSITIVE_INFINITY) * 1000 < Date.now();
  } catch {
    return false;
  }
}

function refused(message: string, details: ErrorDetails): RoomtoneError {
  return new RoomtoneError("room-refused", message, details);
}
