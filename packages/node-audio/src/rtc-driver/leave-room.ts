import type { Room } from "@livekit/rtc-node";
import { settlesWithin } from "../deadline.js";

/** How long anybody waits for a room to be left. `disconnect()` itself hangs for as long as a frozen server does. */
const LEAVE_BOUND_MS = 500;

/**
 * Leaves `room`: at the latest after 500 ms nobody waits for it any more, and `afterwards` runs when it is left, however
 * late. It is always asked to disconnect, also where that will hang: the call takes the tracks out of the room and
 * ends rtc-node's reconnecting. A handle that is disposed instead comes back as a ghost, and evicts whoever took its place.
 */
export async function leaveRoom(room: Room, afterwards: () => void): Promise<void> {
  const leaving = room.disconnect().catch(() => {});
  await settlesWithin(leaving.then(afterwards), LEAVE_BOUND_MS);
}
