import type { Page } from "playwright-core";

export interface Footprint {
  readonly nodes: number;
  readonly listeners: number;
  readonly heapBytes: number;
  /** What the browser holds for scripts: nodes of audio graphs, what runs on the audio thread, and connections. */
  readonly held: { readonly audioNodes: number; readonly workletProcessors: number; readonly peerConnections: number };
}

/** What the page holds, after its garbage is collected: twice, since what the first collection finalizes the second frees. */
export async function openFootprint(page: Page): Promise<{ read(): Promise<Footprint> }> {
  const inspector = await page.context().newCDPSession(page);
  await inspector.send("HeapProfiler.enable");
  await inspector.send("Performance.enable");
  return {
    read: async () => {
      await inspector.send("HeapProfiler.collectGarbage");
      await inspector.send("HeapProfiler.collectGarbage");
      const { nodes, jsEventListeners } = await inspector.send("Memory.getDOMCounters");
      const { usedSize } = await inspector.send("Runtime.getHeapUsage");
      const { metrics } = await inspector.send("Performance.getMetrics");
      const count = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
      const held = {
        audioNodes: count("AudioHandlers"),
        workletProcessors: count("AudioWorkletProcessors"),
        peerConnections: count("RTCPeerConnections"),
      };
      return { nodes, listeners: jsEventListeners, heapBytes: usedSize, held };
    },
  };
}
