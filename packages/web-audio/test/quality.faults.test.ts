import { systemTime, until } from "@roomtone/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage } from "./browser-stage.js";

const WINDOW_MS = 4000;
/** From the floor: a hold of 10 s, or of 20 s where an increase was one too many, and then ten steps, 5 s apart. */
const RECOVERS_WITHIN_MS = 120_000;

describe("a browser's microphone through 80 ms of round trip", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ cuttable: true });
    for (const way of [stage.network.up, stage.network.down]) way.change({ delayMs: 40 });
  });
  afterAll(() => stage?.close());

  /** What the page sent into the network and what came out at the server's end, headers and all, in bits per second. */
  async function rates(): Promise<{ sentBps: number; arrivedBps: number }> {
    const { up } = stage.network;
    const [before, fromMs] = [up.counters, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS)); // the window over which it is measured
    const [after, elapsedMs] = [up.counters, performance.now() - fromMs];
    const bps = (bytes: number) => (bytes * 8000) / elapsedMs;
    return { sentBps: bps(after.bytes - before.bytes), arrivedBps: bps(after.deliveredBytes - before.deliveredBytes) };
  }
  const soon = (what: string, condition: () => boolean | Promise<boolean>, withinMs = 60_000) =>
    until(systemTime(), what, condition, withinMs);

  it("sends less where its link becomes narrow, until the queue is gone, and as much as before when it widens", async ({ annotate }) => {
    const page = await stage.visit();
    const facts = { url: stage.network.url, token: await stage.token("page", "quality") };
    await page.evaluate(async ({ url, token }) => {
      await visitor.open();
      await visitor.join(url, token);
      // Coming from below, Opus's voice modes spend less on a tone than before at the same bitrate: this is far above them.
      await visitor.publish({ profile: "music", opus: { bitrateBps: 128_000 } });
    }, facts);
    await soon("the idle round trip is known", async () => ((await page.evaluate(() => visitor.networkSample()))?.roundTripMs ?? 0) > 70);
    const { arrivedBps: fullBps } = await rates();
    const changes = () => page.evaluate(() => visitor.shown.filter(({ event }) => event === "quality-changed").length);
    const { up } = stage.network;
    up.change({ rateBps: fullBps * 0.75, queueBytes: 8000, lossShare: 0.02 });
    await soon("the queue fills", () => up.queueMs > 300);
    await soon("the page is told of a change", async () => (await changes()) > 0);
    await soon("the queue is gone", () => up.queueMs < 50);
    const lowered = await rates();
    const decreases = await changes();
    up.change({ rateBps: Number.POSITIVE_INFINITY, lossShare: 0 });
    const widenedMs = performance.now();
    let recoveredBps = 0;
    const isAsBefore = async () => {
      recoveredBps = (await rates()).arrivedBps;
      return recoveredBps > fullBps * 0.9;
    };
    await soon("as much arrives as before", isAsBefore, RECOVERS_WITHIN_MS);
    const kbps = [fullBps, lowered.arrivedBps, recoveredBps].map((bps) => Math.round(bps / 1000)).join(" → ");
    await annotate(`${kbps} kbit/s, ${Math.round((performance.now() - widenedMs) / 1000)} s after it widened`);
    expect(lowered.sentBps).toBeLessThan(fullBps * 0.8);
    expect(await changes()).toBeGreaterThan(decreases);
    await page.evaluate(() => visitor.end());
  });
});
