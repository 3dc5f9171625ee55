import { checkToken, isRoomtoneError, type RoomConnection, type RoomDriver } from "@roomtone/core";
import type { Room } from "livekit-client";
import { untilAborted } from "../until-aborted.js";
import { connectError, isSocketFailure } from "../vendor-errors.js";
import { LiveKitConnection } from "./connection.js";
import { type LiveKit, loadLiveKit } from "./load-live-kit.js";

/** Longest wait for the signal connection, and then for the media connection. */
const CONNECT_DEADLINE_MS = 10_000;
const VALIDATE_DEADLINE_MS = 3000;

/** Rooms through livekit-client. It publishes `MediaStreamTrack`s and subscribes. */
export function liveKitDriver(): RoomDriver {
  return {
    name: "livekit-client",
    canSubscribe: true,
    adapts: ["bitrateBps"],
    async connect(options, signal): Promise<RoomConnection> {
      const { url, token, subscribe } = options;
      signal.throwIfAborted();
      const liveKit = await loadLiveKit();
      signal.throwIfAborted();
      const room = createRoom(liveKit);
      const connection = new LiveKitConnection(liveKit, room, options);
      const joining = room.connect(url, token, {
        autoSubscribe: subscribe,
        maxRetries: 0,
        websocketTimeout: CONNECT_DEADLINE_MS,
        peerConnectionTimeout: CONNECT_DEADLINE_MS,
      });
      try {
        await untilAborted(joining, signal);
        await connection.joined();
        signal.throwIfAborted();
        return connection;
      } catch (error) {
        await connection.close();
        signal.throwIfAborted();
        const answer = isSocketFailure(error) ? await validate(url, token) : 0;
        signal.throwIfAborted();
        throw connectError(error, { expired: isExpired(token), turnedAway: answer >= 200 && answer < 300, malformed: answer === 400 });
      }
    },
  };
}

function createRoom(liveKit: LiveKit): Room {
  const { cleanupRegistry } = liveKit.Room;
  // With its registry the client keeps every room it ever made, listening for devices: what the registry holds for the time after
  // a room's collection refers to that room. Without it, disconnecting takes the listener away.
  liveKit.Room.cleanupRegistry = false;
  try {
    return new liveKit.Room({
      adaptiveStream: false,
      dynacast: false,
      stopLocalTrackOnUnpublish: false,
      // The client leaves when a page is asked whether it may be left, and the person may say no: see the connection.
      disconnectOnPageLeave: false,
      // One resume, at once; null means disconnect, because coming back with a fresh token is core's part.
      reconnectPolicy: { nextRetryDelayInMs: ({ retryCount }) => (retryCount === 0 ? 0 : null) },
    });
  } finally {
    liveKit.Room.cleanupRegistry = cleanupRegistry;
  }
}

/** Asks the server what it thinks of the token, which stays out of the address: the status of its answer, 0 where there is none. */
async function validate(url: string, token: string): Promise<number> {
  const address = new URL(url.replace(/^ws/i, "http"));
  address.pathname = `${address.pathname.replace(/\/$/, "")}/rtc/validate`;
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(address, {
      headers,
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(VALIDATE_DEADLINE_MS),
    });
    return response.status;
  } catch {
    return 0;
  }
}

/** The server's refusal does not always say why; the token's own time does. */
function isExpired(token: string): boolean {
  try {
    checkToken(token, Date.now());
    return false;
  } catch (error) {
    return isRoomtoneError(error, "token-expired");
  }
}
