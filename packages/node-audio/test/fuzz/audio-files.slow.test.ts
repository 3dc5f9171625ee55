import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { audioFileTarget } from "./audio-files.js";

it("a damaged audio file plays as far as it goes, or ends with a sentence (full budget)", async () => {
  expect(await fuzz(await audioFileTarget(120_000))).toBeGreaterThan(1000);
});
