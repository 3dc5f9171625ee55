import { RoomtoneError, readToken } from "@roomtone/core";

/** A server's answer with a status instead of a WebSocket. Its body may hold the token, and is never kept. */
export class SignalRefusal extends Error {
  override readonly name = "SignalRefusal";
  readonly status: number;
  readonly saysExpired: boolean;
  readonly saysLimit: boolean;

  constructor(status: number, body: string) {
    super(`refused with status ${status}`);
    this.status = status;
    this.saysExpired = /expired/i.test(body);
    this.saysLimit = /limit/i.test(body);
  }
}

/** Why the server did not let us in, as one of our errors. */
export function refusalError(refusal: SignalRefusal, token: string): RoomtoneError {
  const { status } = refusal;
  if (status === 401 && (refusal.saysExpired || hasExpired(token))) {
    return new RoomtoneError("token-expired", "The server refused the token: its time is over. Make a new one, and check both clocks.", {
      status,
    });
  }
  if (status === 401) {
    const message = "The server refused the token: it was signed with another key, or does not let its bearer join this room.";
    return new RoomtoneError("token-invalid", message, { status });
  }
  // LiveKit answers with 500 where the room has its most participants already, and keeps the reason to its log.
  if (status === 429 || status === 500 || (status === 503 && refusal.saysLimit)) {
    const message = "The room or the server takes no more participants. Try again later, or raise the limit on the server.";
    return new RoomtoneError("server-full", message, { status, retryable: true });
  }
  if (status >= 500) {
    const message = `The server, or a proxy before it, answered with status ${status}. Try again later.`;
    return new RoomtoneError("server-unreachable", message, { status, retryable: true });
  }
  if (status === 404) {
    const message = "There is no LiveKit server at this address, or no such room and the server does not create it.";
    return new RoomtoneError("room-refused", message, { status });
  }
  return new RoomtoneError("room-refused", `The server refused to let us join (status ${status}).`, { status });
}

function hasExpired(token: string): boolean {
  try {
    return (readToken(token).expiresAtS ?? Number.POSITIVE_INFINITY) * 1000 < Date.now();
  } catch {
    return false;
  }
}

/** The error for a server that does not answer at all. */
export function unreachable(cause: unknown): RoomtoneError {
  const message = "No LiveKit server answers at this address. Check address and port, and that the server runs.";
  return new RoomtoneError("server-unreachable", message, { retryable: true }, { cause });
}
