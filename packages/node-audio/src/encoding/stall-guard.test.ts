import { describe, expect, it } from "vitest";
import { StallGuard } from "./stall-guard.js";

/** Ten milliseconds a frame, seen as soon as captured, from `fromMs` on. */
function steady(guard: StallGuard, fromMs: number, count: number, delayMs = 0): boolean[] {
  return Array.from({ length: count }, (_, index) => {
    const capturedUs = (fromMs + index * 10) * 1000;
    return guard.isStale(capturedUs, capturedUs + delayMs * 1000);
  });
}

describe("frames after a stall", () => {
  it("are stale but for the newest 60 ms", () => {
    const guard = new StallGuard();
    expect(steady(guard, 0, 100)).not.toContain(true);
    const burst = Array.from({ length: 20 }, (_, index) => guard.isStale((1000 + index * 10) * 1000, 1_190_000));
    expect(burst.filter((stale) => !stale)).toHaveLength(7);
    expect(burst.indexOf(false)).toBe(13);
    expect(steady(guard, 1200, 100)).not.toContain(true);
  });

  it("are taken again when a source stays later for good", () => {
    const guard = new StallGuard();
    steady(guard, 0, 100);
    const later = steady(guard, 1000, 100, 150);
    expect(later.slice(0, 29)).not.toContain(false);
    expect(later.slice(31)).not.toContain(true);
  });

  it("are not taken for stale where two clocks drift apart", () => {
    const guard = new StallGuard();
    const stale = Array.from({ length: 360_000 }, (_, index) => guard.isStale(index * 10_000, index * 10_000 * 1.0005));
    expect(stale).not.toContain(true);
  });
});
