import { expect, it } from "vitest";
import { runSoak } from "./run-soak.js";

const MINUTES = 30;

it(
  "half an hour of joins, mutes, device and server faults ends with everybody heard, and memory as it was",
  async () => {
    const { output, exitCode } = await runSoak(MINUTES);
    expect(exitCode, output).toBe(0);
  },
  (MINUTES + 5) * 60_000,
);
