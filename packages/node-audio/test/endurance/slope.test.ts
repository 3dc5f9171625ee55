import { seededRandom } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { type Reading, slopeOf } from "./slope.js";

const MINUTE_MS = 60_000;
/** What the soak allows resident memory. */
const LIMIT_PER_HOUR = 24;

/** A reading a minute for half an hour: a process of 150 MiB, whose size wanders, with a leak of so much an hour. */
function halfAnHour(seed: number, leakPerHour: number): Reading[] {
  const random = seededRandom(seed);
  let wander = 0;
  return Array.from({ length: 30 }, (_, minute) => {
    wander = 0.5 * wander + 3 * (random() - 0.5);
    return { atMs: minute * MINUTE_MS, value: 150 + wander + (leakPerHour * minute) / 60 };
  });
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

describe("the judge of slopes", () => {
  it("finds the slope of a straight line, and is sure of it", () => {
    const line = Array.from({ length: 10 }, (_, minute) => ({ atMs: minute * MINUTE_MS, value: 5 + minute }));
    expect(slopeOf(line).perHour).toBeCloseTo(60, 6);
    expect(slopeOf(line).boundPerHour).toBeCloseTo(60, 6);
  });

  it("catches a planted leak in every one of 200 runs", () => {
    const bounds = seeds.map((seed) => slopeOf(halfAnHour(seed, LIMIT_PER_HOUR)).boundPerHour);
    expect(bounds.filter((bound) => bound < LIMIT_PER_HOUR).length).toBeLessThan(seeds.length * 0.1);
    const larger = seeds.map((seed) => slopeOf(halfAnHour(seed, LIMIT_PER_HOUR + 8)).boundPerHour);
    expect(larger.filter((bound) => bound < LIMIT_PER_HOUR)).toEqual([]);
  });

  it("acquits a process that wanders and does not grow", () => {
    const bounds = seeds.map((seed) => slopeOf(halfAnHour(seed, 0)).boundPerHour);
    expect(bounds.filter((bound) => bound >= LIMIT_PER_HOUR)).toEqual([]);
  });

  it("says nothing from a handful of readings", () => {
    expect(() => slopeOf(halfAnHour(1, 0).slice(0, 7))).toThrow("a slope wants 8 readings");
  });
});
