import { expect, it } from "vitest";
import { runSoak } from "./run-soak.js";

it("a minute of joins, mutes, device and server faults ends with everybody heard, and nothing left open", async () => {
  const { output, exitCode } = await runSoak(1);
  expect(exitCode, output).toBe(0);
});
