import { fuzz } from "@roomtone/testing";
import { expect, it } from "vitest";
import { audioFileTarget } from "./audio-files.js";

it("a damaged audio file plays as far as it goes, or ends with a sentence", async () => {
  expect(await fuzz(await audioFileTarget(1000))).toBeGreaterThan(0);
});
