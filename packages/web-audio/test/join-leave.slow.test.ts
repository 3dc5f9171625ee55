import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage } from "./browser-stage.js";
import { JoinLeavePage } from "./join-leave.js";

/** Compiled code and statistics of the engine's own; a room that is held costs some 25 KB, and its peer connection as much again. */
const NOISE_BYTES_PER_CYCLE = 20_000;

describe("a page that joins and leaves, many times", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  it("does not grow over 50 cycles, nor does its heap", async () => {
    const page = await JoinLeavePage.open(stage);
    await page.cycle(10);
    const [before, heapBefore] = [await page.count(), await page.heapBytes()];
    await page.cycle(50);
    await page.settled(before);
    expect(((await page.heapBytes()) - heapBefore) / 50).toBeLessThan(NOISE_BYTES_PER_CYCLE);
  });
});
