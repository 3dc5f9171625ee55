import { RoomtoneError } from "@roomtone/core";

/** What LiveKit guarantees to carry: a reliable message in 15 KiB, and a lossy one in a packet of the network. */
const MOST_BYTES = { reliable: 15 * 1024, lossy: 1300 } as const;

/** @throws RoomtoneError `invalid-settings` where the message is too long: nothing is cut off it */
export function checkDataMessage(payload: Uint8Array, topic: string, reliable: boolean): void {
  const mostBytes = reliable ? MOST_BYTES.reliable : MOST_BYTES.lossy;
  const bytes = payload.byteLength + Buffer.byteLength(topic);
  if (bytes <= mostBytes) return;
  const kind = reliable ? "A reliable data message" : "A data message that may be lost";
  throw new RoomtoneError(
    "invalid-settings",
    `${kind} has ${mostBytes} bytes at the most, its topic included: this one has ${bytes}. Send it in parts.`,
    { option: "payload" },
  );
}
