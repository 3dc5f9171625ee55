import type { RawPacket, RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { expect } from "vitest";
import { until } from "./hall.js";
import { type OpusPacketFacts, readOpusPacket } from "./opus-packet.js";

export const TICKS_PER_MS = 48;

/** The next `count` packets in a row that `matches` is true for. */
export async function packetsLike(
  receiver: RawSubscriber,
  matches: (facts: OpusPacketFacts) => boolean,
  count = 5,
): Promise<readonly RawPacket[]> {
  const from = receiver.packets.length;
  let found: readonly RawPacket[] = [];
  await until("packets like that arrive", () => {
    const newest = receiver.packets.slice(Math.max(from, receiver.packets.length - count));
    found = newest;
    return newest.length === count && newest.every(({ payload }) => matches(readOpusPacket(payload)));
  });
  return found;
}

/** Each packet begins where the one before ended, and none is missing. */
export function expectNothingLost(packets: readonly RawPacket[]): void {
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (!before) continue;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    const missingMs = ((packet.timestamp - before.timestamp) >>> 0) / TICKS_PER_MS - readOpusPacket(before.payload).durationMs;
    // More than 400 ms: the machine stood still.
    expect(missingMs === 0 || missingMs > 400).toBe(true);
  }
}
