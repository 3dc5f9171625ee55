import { type ErrorCode, RoomtoneError, readToken } from "@roomtone/core";

const PREFLIGHT_DEADLINE_MS = 3000;

/** The server's address over HTTP, whichever way it was given. @throws RoomtoneError `usage` */
export function httpAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const protocol = address && { "ws:": "http:", "wss:": "https:", "http:": "http:", "https:": "https:" }[address.protocol];
  if (!address || !protocol) {
    throw new RoomtoneError("usage", "The server's address begins with ws://, wss://, http:// or https://.", { option: "url" });
  }
  // The scheme is replaced in the text: a URL object lets nobody change between the web's own schemes and others.
  return new URL(protocol + address.href.slice(address.protocol.length));
}

/** The same over WebSocket, which is what rtc-node takes. @throws RoomtoneError `usage` */
export function signalAddress(url: string): string {
  const { href, protocol } = httpAddress(url);
  return `${protocol === "https:" ? "wss:" : "ws:"}${href.slice(protocol.length)}`;
}

/**
 * Why a join failed. The vendor's error is no more than a text, which may contain the token: so the server is asked, by the
 * same question that every client asks it, with the token in a header where no log of addresses sees it.
 *
 * @param turnedAway the server took the token and then answered the join with an error
 */
export async function explainFailedJoin(url: string, token: string, turnedAway: boolean): Promise<RoomtoneError> {
  const address = httpAddress(url);
  address.pathname = `${address.pathname.replace(/\/$/, "")}/rtc/validate`;
  let status: number;
  try {
    const response = await fetch(address, {
      headers: { authorization: `Bearer ${token}` },
      redirect: "manual", // the token goes to this server and to no other
      signal: AbortSignal.timeout(PREFLIGHT_DEADLINE_MS),
    });
    status = response.status;
    await response.body?.cancel(); // the body of a 401 contains the token
  } catch {
    return failure(
      "server-unreachable",
      "No LiveKit server answers at this address. Check the address and port, and that the server runs.",
      {
        retryable: true,
      },
    );
  }
  return explainStatus(status, token, turnedAway);
}

function explainStatus(status: number, token: string, turnedAway: boolean): RoomtoneError {
  if (status === 401) return explainRefusedToken(token);
  if (status === 429)
    return failure("server-full", "The server takes no more participants now. Try again later.", { status, retryable: true });
  if (status === 403 || status === 404) {
    return failure("room-refused", "The server does not let us into this room. Check that the room exists and that the token names it.", {
      status,
    });
  }
  if (status >= 500)
    return failure("server-unreachable", `The server answers with an error (${status}). Try again later.`, { status, retryable: true });
  if (status !== 200) {
    return failure("server-unreachable", `Something answers at this address (${status}), but it is not a LiveKit server.`, {
      status,
      retryable: false,
    });
  }
  // The server says 500 where the room has its most participants already, and keeps the reason to its log.
  if (turnedAway) {
    return failure("server-full", "The room or the server takes no more participants. Try again later, or raise the limit on the server.", {
      retryable: true,
    });
  }
  return failure(
    "server-unreachable",
    "The server accepts the token, but the connection for signals or media failed. Check that WebSocket and the server's UDP and TCP ports are reachable.",
    { status, retryable: true },
  );
}

/** The server says 401 for both: the token itself says whether its time is over. */
function explainRefusedToken(token: string): RoomtoneError {
  const nowS = Date.now() / 1000;
  const { expiresAtS, notBeforeS } = readToken(token);
  if (expiresAtS !== undefined && expiresAtS <= nowS) {
    return failure("token-expired", "The server refused the token: it has expired. Make a new one.", { status: 401 });
  }
  if (notBeforeS !== undefined && notBeforeS > nowS) {
    return failure("token-expired", "The server refused the token: it is not valid yet. Compare both clocks.", { status: 401 });
  }
  return failure("token-invalid", "The server refused the token: it was signed with another key, or has expired by the server's clock.", {
    status: 401,
  });
}

function failure(code: ErrorCode, message: string, details: { status?: number; retryable?: boolean }): RoomtoneError {
  return new RoomtoneError(code, message, details);
}
