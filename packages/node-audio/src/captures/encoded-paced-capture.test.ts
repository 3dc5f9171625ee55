import type { EncodedPacket } from "@roomtone/core";
import { VirtualClock } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { EncodedPacedCapture, type PositionedPacket } from "./encoded-paced-capture.js";

const DURATION_US = 60_000;

/** Packets of 60 ms, one after the other; `read` may wait before it gives one. */
function playing(read: (index: number) => Promise<Partial<PositionedPacket>> = async () => ({})) {
  const clock = new VirtualClock();
  let reads = 0;
  const capture = new EncodedPacedCapture({
    source: { kind: "custom", label: "test" },
    format: { sampleRateHz: 48_000, channels: 1 },
    toleranceMs: 60,
    clock,
    read: async () => {
      const index = reads++;
      const packet = { payload: Uint8Array.of(index), positionUs: index * DURATION_US, durationUs: DURATION_US, discontinuity: false };
      return { ...packet, ...(await read(index)) };
    },
    release: async () => {},
  });
  const played: (Pick<EncodedPacket, "timestampUs" | "discontinuity"> & { readonly index: number; readonly atMs: number })[] = [];
  const stream = capture.packets();
  void (async () => {
    for await (const { payload, timestampUs, discontinuity } of stream) {
      played.push({ index: payload[0] ?? -1, timestampUs, discontinuity, atMs: clock.nowMs() });
    }
  })();
  return { clock, capture, played };
}

describe("the pacing of packets at rest", () => {
  it("gives each at its position, to the microsecond, from the first consumer on", async () => {
    const { clock, capture, played } = playing();
    await clock.advance(6000);
    expect(played).toEqual(
      Array.from({ length: 101 }, (_, index) => ({ index, timestampUs: index * DURATION_US, discontinuity: false, atMs: index * 60 })),
    );
    await capture.close();
  });

  it("catches up after a delay that a jitter buffer hides, with no time lost", async () => {
    const { clock, capture, played } = playing(async (index) => {
      if (index === 5) await new Promise<void>((resolve) => clock.setTimer(resolve, 110)); // 50 ms after it was due
      return {};
    });
    await clock.advance(1000);
    expect(played[5]).toEqual({ index: 5, timestampUs: 300_000, discontinuity: false, atMs: 350 });
    expect(played[6]).toEqual({ index: 6, timestampUs: 360_000, discontinuity: false, atMs: 360 });
    await capture.close();
  });

  it("moves the schedule after a longer one by exactly what was late, marks it once, and loses no packet", async () => {
    const { clock, capture, played } = playing(async (index) => {
      if (index === 5) await new Promise<void>((resolve) => clock.setTimer(resolve, 60 + 178));
      return {};
    });
    await clock.advance(1000);
    expect(played.map(({ index }) => index)).toEqual(played.map((_, index) => index));
    expect(played[5]).toEqual({ index: 5, timestampUs: 478_000, discontinuity: true, atMs: 478 });
    expect(played[6]).toEqual({ index: 6, timestampUs: 538_000, discontinuity: false, atMs: 538 });
    await capture.close();
  });

  it("passes a hole in the positions on as time that passes", async () => {
    const { clock, capture, played } = playing(async (index) =>
      index < 3 ? {} : { positionUs: index * DURATION_US + 500_000, discontinuity: index === 3 },
    );
    await clock.advance(900);
    expect(played[3]).toEqual({ index: 3, timestampUs: 680_000, discontinuity: true, atMs: 680 });
    await capture.close();
  });
});
