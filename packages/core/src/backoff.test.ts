import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.js";

describe("backoff", () => {
  it("doubles from 250 ms to 5 s, each pause between half of itself and the whole", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 40 }), (randoms) => {
        let index = 0;
        const backoff = new Backoff(() => randoms[index] ?? 0);
        for (index = 0; index < randoms.length; index += 1) {
          backoff.fail(1000);
          const wholeMs = Math.min(5000, 250 * 2 ** index);
          expect(backoff.leftMs(1000)).toBeGreaterThanOrEqual(wholeMs / 2);
          expect(backoff.leftMs(1000)).toBeLessThanOrEqual(wholeMs);
        }
      }),
    );
  });

  it("begins after the pause that the server asked for, a minute at the most", () => {
    const backoff = new Backoff(() => 0);
    backoff.fail(1000, 2000);
    expect(backoff.leftMs(1000)).toBe(2125);
    backoff.fail(1000, 3_600_000);
    expect(backoff.leftMs(1000)).toBe(60_250);
  });

  it("counts time that has passed since the failure, and forgets after a success", () => {
    const backoff = new Backoff(() => 0.999_999);
    expect(backoff.leftMs(0)).toBe(0);
    backoff.fail(1000);
    expect(Math.round(backoff.leftMs(1100))).toBe(150);
    expect(backoff.leftMs(2000)).toBe(0);
    backoff.reset();
    expect([backoff.failures, backoff.leftMs(1000)]).toEqual([0, 0]);
  });
});
