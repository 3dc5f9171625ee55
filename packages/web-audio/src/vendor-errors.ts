import { isRoomtoneError, RoomtoneError } from "@roomtone/core";

/** The parts of a vendor's error that are facts. Its message is read to tell cases apart, never copied: the server's 401 body contains the token. */
interface VendorError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly constraint?: unknown;
  readonly status?: unknown;
  readonly reasonName?: unknown;
}

function factsOf(error: unknown): { name: string; message: string; constraint: string; status: number; reason: string } {
  const { name, message, constraint, status, reasonName } = (typeof error === "object" && error !== null ? error : {}) as VendorError;
  return {
    name: typeof name === "string" ? name : "",
    message: typeof message === "string" ? message : "",
    constraint: typeof constraint === "string" ? constraint : "",
    status: typeof status === "number" ? status : 0,
    reason: typeof reasonName === "string" ? reasonName : "",
  };
}

/** Whether getUserMedia failed because the device asked for by id is not there. */
export function isDeviceGone(error: unknown): boolean {
  const { name, constraint } = factsOf(error);
  // Safari leaves `constraint` empty, and an id is the only exact thing that we ask for by ourselves.
  return name === "NotFoundError" || (name === "OverconstrainedError" && (constraint === "deviceId" || constraint === ""));
}

/** What getUserMedia's failure means to the person at the page. */
export function microphoneError(error: unknown): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  const { name, message, constraint } = factsOf(error);
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      if (/system/i.test(message)) {
        return new RoomtoneError(
          "permission-denied",
          "The system does not let this browser use the microphone: allow it in the system's privacy settings, then try again.",
        );
      }
      return new RoomtoneError(
        "permission-denied",
        "The browser did not let this page use the microphone: allow it in the site settings beside the address, then try again.",
      );
    case "NotFoundError":
      return new RoomtoneError("device-not-found", "There is no microphone: connect one, then try again.");
    case "NotReadableError":
    case "AbortError":
    case "TrackStartError":
      return new RoomtoneError(
        "device-in-use",
        "The microphone does not start: close other programs that use it, or choose another microphone.",
        { retryable: true },
      );
    case "OverconstrainedError":
      return new RoomtoneError(
        "constraint-unsatisfied",
        `No microphone satisfies the constraint ${constraint || "asked for"}: use \`ideal\` in place of \`exact\`, or choose another microphone.`,
        constraint ? { setting: constraint } : {},
      );
    case "TypeError":
      return new RoomtoneError("invalid-settings", "The microphone's constraints are not valid: check their names and values.");
    default:
      return new RoomtoneError(
        "internal",
        "The browser failed to open the microphone: try again, or restart the browser.",
        {},
        { cause: name },
      );
  }
}

/** Whether the socket failed at a server that answers otherwise: browsers tell no script what such a server said. */
export function isSocketFailure(error: unknown): boolean {
  return factsOf(error).status === 0 && /websocket/i.test(factsOf(error).message);
}

export interface JoinFacts {
  /** The token's own time is over by this machine's clock. */
  readonly expired: boolean;
  /** The server takes the token, and did not take the connection. */
  readonly turnedAway: boolean;
  /** The server takes no such request, whoever makes it. */
  readonly malformed: boolean;
}

/** Why a join failed. */
export function connectError(error: unknown, { expired, turnedAway, malformed }: JoinFacts): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  const { status, message, reason } = factsOf(error);
  if (status === 401 || status === 403) {
    if (/expired|\bexp\b/i.test(message) || (status === 401 && expired)) {
      return new RoomtoneError("token-expired", "The server refused the token because its time is over: get a new one.", { status });
    }
    if (/permission|grant|not allowed to join/i.test(message)) {
      return new RoomtoneError("room-refused", "The server does not let this participant join: check the token's grants and its room.", {
        status,
      });
    }
    return new RoomtoneError("token-invalid", "The server refused the token: check that key, secret and server belong together.", {
      status,
    });
  }
  if (status === 404 && /room/i.test(message)) {
    return new RoomtoneError("room-refused", "The room does not exist, and the server does not create rooms on joining.", { status });
  }
  if (malformed) {
    return new RoomtoneError("room-refused", "The server does not take such a join: check the room's name, which may be too long for it.");
  }
  if (turnedAway) {
    return new RoomtoneError(
      "server-full",
      "The server takes the token and turns the join away: the room takes no more participants, or something on the way blocks WebSockets.",
      { retryable: true },
    );
  }
  if (reason === "LeaveRequest")
    return new RoomtoneError("room-refused", "The server ended the join: check the room's settings on the server.");
  if (/support/i.test(message) && reason === "") {
    return new RoomtoneError("unsupported", "This browser has no WebRTC, or an extension blocks it: use a current browser.");
  }
  return new RoomtoneError("server-unreachable", "No LiveKit server answered at the URL: check its address, and that it runs.", {
    retryable: true,
    ...(status ? { status } : {}),
  });
}

/** Why a publication failed. */
export function publishError(error: unknown): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  const { status, message } = factsOf(error);
  if (status === 403 || /permission/i.test(message)) {
    return new RoomtoneError(
      "grant-missing",
      "The token does not allow publishing this track: it needs canPublish for the track's source.",
      {
        grant: "canPublish",
      },
    );
  }
  if (status >= 400 && status !== 408) {
    return new RoomtoneError("room-refused", "The server refused the track.", { status });
  }
  return new RoomtoneError("server-unreachable", "The server did not take the track in time.", { retryable: true });
}

/** Why a data message was not sent. */
export function dataError(error: unknown): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  if (/permission/i.test(factsOf(error).message)) {
    return new RoomtoneError("grant-missing", "The token does not allow data messages: it needs canPublishData.", {
      grant: "canPublishData",
    });
  }
  return new RoomtoneError("server-unreachable", "The message was not sent: the connection is down.", { retryable: true });
}

/** Why a recording broke. */
export function recordingError(error: unknown): RoomtoneError {
  if (isRoomtoneError(error)) return error;
  switch (factsOf(error).name) {
    case "QuotaExceededError":
      return new RoomtoneError("disk-full", "There is no room left for the recording: free some space.");
    case "NotAllowedError":
    case "NoModificationAllowedError":
    case "InvalidStateError":
    case "NotFoundError":
      return new RoomtoneError("output-unwritable", "The file cannot be written: choose it again, or another one.");
    default:
      return new RoomtoneError("internal", "The recording broke off, and nothing of it is kept: begin another one.", {}, { cause: error });
  }
}
