import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, backAfterMs, eventually } from "./browser-stage.js";
import { labelIs, OutagePage } from "./outage-page.js";

const RUNS = 20;
const BUDGET_MS = 1000;
/** A connection that lasts less than five seconds counts as a failed attempt, and the next one waits: see `STABLE_MS` of the session. */
const BETWEEN_OUTAGES_MS = 5500;

const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/** The value that 95 of 100 do not exceed: of twenty the second largest. */
function p95(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
}

function summary(values: readonly number[]): string {
  return `p95 ${p95(values)} ms of ${values.length}: ${[...values].sort((one, other) => one - other).join(", ")}`;
}

describe("a page is back within a second of the server's return", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ cuttable: true });
  });
  afterAll(() => stage?.close());

  it("when the server was killed and started again", async ({ annotate }) => {
    const { page, before } = await OutagePage.open(stage, "restart");
    const { page: silent, before: silentBefore } = await OutagePage.open(stage, "restart", { identity: "silent", muted: true });
    const [liveMs, mutedMs]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run += 1) {
      await sleep(BETWEEN_OUTAGES_MS);
      await stage.server.kill("SIGKILL");
      await eventually("the outage is told", async () => (await labelIs(page, "reconnecting")) && labelIs(silent, "reconnecting"));
      await stage.server.start();
      const returnedMs = Date.now();
      liveMs.push(await backAfterMs(page, returnedMs, "live"));
      mutedMs.push(await backAfterMs(silent, returnedMs, "muted"));
    }
    await annotate(`server restarted, live: ${summary(liveMs)}`);
    await annotate(`server restarted, muted: ${summary(mutedMs)}`);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    const { trackId } = silentBefore;
    expect(await silent.evaluate(() => visitor.facts())).toMatchObject({ trackId, readyState: "live", publication: { muted: true } });
    expect([p95(liveMs), p95(mutedMs)].every((value) => value <= BUDGET_MS)).toBe(true);
    await Promise.all([page, silent].map((visited) => visited.evaluate(() => visitor.end())));
  });

  it("when it was killed and started again while nobody saw the page", async ({ annotate }) => {
    const tabs = await BrowserStage.open({ tabs: true });
    try {
      const tab = await tabs.visitInTab();
      await tab.evaluate(() => visitor.open({ profile: "music" }));
      await tabs.joinAndPublish(tab, "page", "hidden");
      const { trackId } = await tab.evaluate(() => visitor.facts());
      await tab.hide();
      const backMs: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        await sleep(BETWEEN_OUTAGES_MS);
        await tabs.server.kill("SIGKILL");
        await eventually("the outage is told", () => labelIs(tab, "reconnecting"));
        await tabs.server.start();
        backMs.push(await backAfterMs(tab, Date.now(), "live"));
      }
      await annotate(`server restarted, hidden: ${summary(backMs)}`);
      expect(await tab.evaluate(() => document.visibilityState)).toBe("hidden");
      expect(await tab.evaluate(() => visitor.facts())).toMatchObject({ trackId, readyState: "live", tracksSoFar: 1 });
      expect(p95(backMs)).toBeLessThanOrEqual(BUDGET_MS);
    } finally {
      await tabs.close();
    }
  });

  it("when both ways to it were refused", async ({ annotate }) => {
    const { page, before } = await OutagePage.open(stage, "refused");
    const backMs: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await sleep(BETWEEN_OUTAGES_MS);
      stage.network.cut("refused");
      await eventually("the cut is noticed", () => labelIs(page, "reconnecting"));
      stage.network.restore();
      backMs.push(await backAfterMs(page, Date.now(), "live"));
    }
    await annotate(`both ways refused: ${summary(backMs)}`);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    expect(p95(backMs)).toBeLessThanOrEqual(BUDGET_MS);
    await page.evaluate(() => visitor.end());
  });

  it("when both ways to it swallowed everything: heard, before the state says so", async ({ annotate }) => {
    const { page, peer, before } = await OutagePage.open(stage, "silent");
    const [soundMs, stateMs]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run += 1) {
      await eventually("the server reports", () => page.evaluate(async () => ((await visitor.networkSample())?.arrivedMark ?? 0) > 0));
      stage.network.cut("silent");
      await eventually("the cut is noticed", () => labelIs(page, "reconnecting"));
      stage.network.restore();
      const returnedMs = Date.now();
      await eventually("it is heard", async () => (await peer.hear("page", "microphone", 100)).level > 0.02);
      soundMs.push(Date.now() - returnedMs);
      stateMs.push(await backAfterMs(page, returnedMs, "live"));
    }
    await annotate(`both ways silent, sound: ${summary(soundMs)}`);
    await annotate(`both ways silent, state: ${summary(stateMs)}`);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    expect(p95(soundMs)).toBeLessThanOrEqual(BUDGET_MS);
    await page.evaluate(() => visitor.end());
  });
});
