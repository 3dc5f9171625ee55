import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage } from "./browser-stage.js";
import { JoinLeavePage } from "./join-leave.js";

/** What the browser itself notes of a cycle. */
const NOISE_BYTES_PER_CYCLE = 10_000;

describe("a page that joins and leaves, many times", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ interpreted: true });
  });
  afterAll(() => stage?.close());

  it("does not grow over 50 cycles, nor does its heap", async ({ annotate }) => {
    const page = await JoinLeavePage.open(stage);
    await page.cycle(10);
    const [before, heapBefore] = [await page.count(), await page.heapBytes()];
    await page.cycle(50);
    await page.settled(before);
    const grownBytes = (await page.heapBytes()) - heapBefore;
    await annotate(`50 cycles: ${grownBytes} bytes of heap`);
    expect(grownBytes / 50).toBeLessThan(NOISE_BYTES_PER_CYCLE);
  });
});
