import { expect, it } from "vitest";
import { NetworkHistory } from "./network-history.js";

const sample = (second: number, bytesSent = second * 4_000) => ({
  timestampMs: second * 1_000,
  packetsSent: second * 50,
  bytesSent,
  fractionLost: 0.02,
  jitterMs: 3,
  roundTripMs: 40,
});

it("measures the bitrate between two samples, and passes on the rest", () => {
  const history = new NetworkHistory();
  history.add(sample(1), 1_000);
  history.add(sample(2), 2_000);
  expect(history.get().map(({ bitrateBps }) => bitrateBps)).toEqual([undefined, 32_000]);
  expect(history.get()[1]).toMatchObject({ lossPercent: 2, jitterMs: 3, roundTripMs: 40 });
});

it("has a gap where nothing was sent, and where the counters began anew", () => {
  const history = new NetworkHistory();
  history.add(sample(1), 1_000);
  history.add(undefined, 2_000);
  history.add(sample(3), 3_000);
  history.add(sample(4, 100), 4_000);
  expect(history.get().map(({ bitrateBps }) => bitrateBps)).toEqual([undefined, undefined, undefined, undefined]);
});

it("holds the last ten minutes of an hour", () => {
  const history = new NetworkHistory();
  for (let second = 0; second < 3_600; second++) history.add(sample(second), second * 1_000);
  expect(history.get()).toHaveLength(600);
  expect(history.get()[0]?.atMs).toBe(3_000_000);
});
