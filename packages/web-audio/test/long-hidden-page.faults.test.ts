import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, backAfterMs, eventually, heard, plays } from "./browser-stage.js";
import { labelIs } from "./outage-page.js";
import type { Tab } from "./tab.js";

/** In place of Chromium's five minutes. */
const HIDDEN_GRACE_S = 5;
const STEP_MS = 100;
const AWAY_MS = 20_000;
/** A second, and what a machine that is busy with other tests adds. With the page's own timers it is up to a minute. */
const BACK_WITHIN_MS = 3_000;

/** Makes a step each `stepMs`, by the page's own timers. Runs in the page. */
function step(stepMs: number): void {
  globalThis.stepsAtMs = [];
  const next = () => {
    stepsAtMs.push(Date.now());
    setTimeout(next, stepMs);
  };
  next();
}

describe("a page that nobody has seen for more than five minutes", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ tabs: true, hiddenGraceS: HIDDEN_GRACE_S });
  });
  afterAll(() => stage?.close());

  const outlast = async (tab: Tab, label: "live" | "connected") => {
    await tab.evaluate(step, STEP_MS);
    await tab.hide();
    await new Promise((resolve) => setTimeout(resolve, 2 * HIDDEN_GRACE_S * 1000)); // hidden for longer than browsers leave timers alone
    await stage.server.kill("SIGKILL");
    await eventually("the outage is told", () => labelIs(tab, "reconnecting"));
    const awaySinceMs = Date.now();
    await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
    const steps = await tab.evaluate((sinceMs) => stepsAtMs.filter((atMs) => atMs > sinceMs).length, awaySinceMs);
    await stage.server.start();
    const backMs = await backAfterMs(tab, Date.now(), label);
    expect(backMs).toBeLessThanOrEqual(BACK_WITHIN_MS);
    expect(await tab.evaluate(() => document.visibilityState)).toBe("hidden");
    // Chromium spares a page with an open microphone, and for some time one whose connection has just gone: as slow as it was is told, not asked.
    return `away for ${AWAY_MS / 1000} s, in which its own timers ran ${steps} times, it was back after ${backMs} ms`;
  };

  it("is back at once when the server returns, where it listens", async ({ annotate }) => {
    const tab = await stage.visitInTab();
    const facts = { url: stage.server.url, token: await stage.token("page", "listens") };
    await tab.evaluate(({ url, token }) => visitor.join(url, token, true), facts);
    await annotate(await outlast(tab, "connected"));
    const peer = await stage.peer("node", "listens");
    await peer.publish(1000, { name: "tone" });
    await plays(tab, "node", 1000);
    await tab.evaluate(() => visitor.end());
  });

  it("is back at once when the server returns, where it publishes", async ({ annotate }) => {
    const tab = await stage.visitInTab();
    await tab.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(tab, "page", "publishes");
    const { trackId } = await tab.evaluate(() => visitor.facts());
    await annotate(await outlast(tab, "live"));
    expect(await tab.evaluate(() => visitor.facts())).toMatchObject({ trackId, readyState: "live", tracksSoFar: 1 });
    await heard(await stage.peer("hears", "publishes"), "page", 440);
    await tab.evaluate(() => visitor.end());
  });
});

declare global {
  var stepsAtMs: number[];
}
