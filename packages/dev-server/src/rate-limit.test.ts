import { expect, it } from "vitest";
import { RateLimit } from "./rate-limit.js";

it("a burst is let through, then a steady rate, and a pause fills the burst again but no more", () => {
  let nowMs = 0;
  const rate = new RateLimit({ burst: 3, perS: 2 }, () => nowMs);
  const taken = (times: number) => Array.from({ length: times }, () => rate.take()).filter(Boolean).length;
  expect(taken(10)).toBe(3);
  nowMs += 1000;
  expect(taken(10)).toBe(2);
  nowMs += 60_000;
  expect(taken(10)).toBe(3);
});
