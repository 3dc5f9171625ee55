import type { Page } from "playwright-core";

interface Footprint {
  readonly nodes: number;
  readonly listeners: number;
  readonly heapBytes: number;
}

/** What the page holds, after its garbage is collected: twice, since what the first collection finalizes the second frees. */
export async function openFootprint(page: Page): Promise<{ read(): Promise<Footprint> }> {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send("HeapProfiler.enable");
  return {
    read: async () => {
      await inspector.send("HeapProfiler.collectGarbage");
      await inspector.send("HeapProfiler.collectGarbage");
      const { nodes, jsEventListeners } = await inspector.send("Memory.getDOMCounters");
      const { usedSize } = await inspector.send("Runtime.getHeapUsage");
      return { nodes, listeners: jsEventListeners, heapBytes: usedSize };
    },
  };
}
