import { type Credentials, type JoinRoomOptions, type RoomSession, RoomtoneError } from "@roomtone/core";
import { loadLiveKit } from "./live-kit/load-live-kit.js";
import { untilAborted } from "./until-aborted.js";

/** On a slow line livekit-client comes at the same time, and is eight times as large. */
const LOAD_DEADLINE_MS = 30_000;

/**
 * Joins a room and keeps it: see `JoinRoomOptions` and `RoomSession`. Importing this does nothing. The room's code comes with the first
 * call, all of it, beside livekit-client: a page that is joined can come back whatever has become of the server that it was loaded from.
 * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing`, `endpoint-unreachable`,
 * `server-unreachable`, `room-refused`, `server-full`, `usage`, `unsupported`, `native-missing`
 */
export async function joinRoom(credentials: Credentials, options: JoinRoomOptions = {}): Promise<RoomSession> {
  const { driver, signal } = options;
  signal?.throwIfAborted();
  // Whether it loads is the driver's to say, who asks for it again. It is waited for here: a slow line is no server that does not answer.
  const client = typeof driver === "object" ? undefined : loadLiveKit().catch(() => {});
  const { joinBrowserRoom } = await untilAborted(loadRoom(client), signal);
  return joinBrowserRoom(credentials, options);
}

async function loadRoom(client: Promise<unknown> | undefined): Promise<typeof import("./browser-room.js")> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("too late")), LOAD_DEADLINE_MS);
  });
  try {
    const [room] = await Promise.race([Promise.all([import("./browser-room.js"), client]), tooLate]);
    return room;
  } catch (cause) {
    throw new RoomtoneError(
      "native-missing",
      "The page's own code for rooms did not load: check the connection and that its files are served, then join again or load the page anew.",
      { packageName: "@roomtone/web-audio", retryable: true },
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
