import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { BrowserStage } from "./browser-stage.js";

/** Cycles before the first reading: caches fill, and code is compiled. */
const WARM_UP_CYCLES = 3;
/** Growth a cycle that is noise: a leaked room holds some hundred kilobytes and a peer connection. */
const NOISE_BYTES_PER_CYCLE = 60_000;

/** Joins, publishes and leaves `cycles` times in one page, and checks that nothing of it stays. */
export async function checkJoinLeaveCycles(stage: BrowserStage, cycles: number): Promise<void> {
  const page = await stage.visit();
  const peer = await stage.peer("node", "cycles");
  await peer.publish(1000, { name: "tone" });
  const cycle = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      await page.evaluate(
        async ({ url, token }) => {
          const someone = newVisitor();
          await someone.open({ profile: "music" });
          await someone.join(url, token, true);
          await someone.publish();
          await someone.end();
        },
        { url: stage.server.url, token: await stage.token("page", "cycles") },
      );
    }
  };
  await cycle(WARM_UP_CYCLES);
  const before = await measure(page);
  await cycle(cycles);
  const after = await measure(page);
  expect(after.nodes - before.nodes).toBeLessThanOrEqual(2);
  expect(after.listeners - before.listeners).toBeLessThanOrEqual(2);
  expect((after.heapBytes - before.heapBytes) / cycles).toBeLessThan(NOISE_BYTES_PER_CYCLE);
}

async function measure(page: Page): Promise<{ nodes: number; listeners: number; heapBytes: number }> {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send("HeapProfiler.enable");
  // Twice: what the first collection finalizes, the second frees.
  await inspector.send("HeapProfiler.collectGarbage");
  await inspector.send("HeapProfiler.collectGarbage");
  const { nodes, jsEventListeners } = await inspector.send("Memory.getDOMCounters");
  const { usedSize } = await inspector.send("Runtime.getHeapUsage");
  await inspector.detach();
  return { nodes, listeners: jsEventListeners, heapBytes: usedSize };
}
