import fc from "fast-check";
import { describe, it } from "vitest";
import { expectToHold, scenario } from "./session-scenario.js";

describe("a room on fakes that fail, delay, duplicate and reorder", () => {
  it("ends as last asked, leaks nothing and does nothing twice, whatever the sequence", async () => {
    await fc.assert(fc.asyncProperty(scenario, expectToHold), { numRuns: 150 });
  });
});
