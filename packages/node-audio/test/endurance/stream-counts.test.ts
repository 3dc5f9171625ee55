import { describe, expect, it } from "vitest";
import { StreamCounter } from "./stream-counts.js";

const sound = Buffer.from([0x78, 1, 2, 3]);

function counted(sequences: readonly number[], payload = sound, sealed = false) {
  const counter = new StreamCounter(sealed);
  for (const [index, sequence] of sequences.entries()) counter.take({ sequence, arrivedMs: index * 20, payload });
  return counter.count;
}

describe("a stream's count", () => {
  it("goes on where the sequence begins anew", () => {
    expect(counted([65_534, 65_535, 0, 1])).toEqual({ received: 4, missing: 0, longestGapMs: 20 });
  });

  it("misses what never comes, and not what comes late or twice", () => {
    expect(counted([10, 11, 14, 12, 12])).toMatchObject({ received: 4, missing: 1 });
    expect(counted([65_535, 2, 0])).toMatchObject({ received: 3, missing: 1 });
  });

  it("leaves out the silence that the server makes of a mute", () => {
    expect(counted([1, 2, 3], Buffer.from([0xf8, 0xff, 0xfe, 0, 0]))).toMatchObject({ received: 0, missing: 0 });
    expect(counted([1, 2, 3], Buffer.alloc(80), true)).toMatchObject({ received: 0, missing: 0 });
    expect(counted([1, 2, 3], Buffer.alloc(81), true)).toMatchObject({ received: 3, missing: 0 });
  });
});
