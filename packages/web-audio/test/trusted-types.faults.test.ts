import { Lifetime } from "@roomtone/core";
import { afterAll, describe, expect, it } from "vitest";
import { BrowserStage, backAfterMs, eventually, heard } from "./browser-stage.js";
import { labelIs } from "./outage-page.js";
import type { Tab } from "./tab.js";

/** Notes what the page's policy refuses, and what nobody caught. Runs in the page. */
function watchTrouble(): void {
  globalThis.refusals = [];
  globalThis.uncaught = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective }) => refusals.push(effectiveDirective));
  addEventListener("error", ({ message }) => uncaught.push(message));
  addEventListener("unhandledrejection", ({ reason }) => uncaught.push(String(reason)));
}

/** Whether the hidden page's clock was loaded. */
function hasClock(tab: Tab): Promise<boolean> {
  return tab.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.includes("page-clock-worker")));
}

describe("a page that requires trusted types and does not name the policy of the hidden page's clock", () => {
  // Closed together: the first one that closes ends what Node's participants run on.
  const lifetime = new Lifetime();
  afterAll(() => lifetime.close());

  it.for([
    { list: "trusted-types 'none'", ownPolicy: false, refused: ["require-trusted-types-for", "trusted-types"] },
    { list: "trusted-types default", ownPolicy: true, refused: ["trusted-types"] },
  ])("publishes, and comes back while it is hidden, under $list", async ({ list, ownPolicy, refused }, { annotate }) => {
    const stage = lifetime.own(await BrowserStage.open({ tabs: true, directives: [list] }), (opened) => opened.close());
    const tab = await stage.visitInTab();
    await tab.evaluate(watchTrouble);
    if (ownPolicy) await tab.evaluate(() => void globalThis.trustedTypes?.createPolicy("default", { createScriptURL: (url) => url }));
    await tab.evaluate(() => visitor.open({ profile: "music" }));
    await tab.evaluate(() => visitor.openMeter());
    await stage.joinAndPublish(tab, "page", "trusted");
    const peer = await stage.peer("node", "trusted");
    await heard(peer, "page", 440);
    const { trackId } = await tab.evaluate(() => visitor.facts());
    await tab.hide();
    await stage.server.kill("SIGKILL");
    await eventually("the outage is told", () => labelIs(tab, "reconnecting"));
    await stage.server.start();
    await annotate(`back after ${await backAfterMs(tab, Date.now(), "live")} ms`);
    await heard(await stage.peer("again", "trusted"), "page", 440);
    expect(await tab.evaluate(() => visitor.facts())).toMatchObject({ trackId, readyState: "live", tracksSoFar: 1 });
    expect(await tab.evaluate(() => visitor.reading?.level ?? 0)).toBeGreaterThan(0.1);
    // Asked for once, and not at each timer.
    expect((await tab.evaluate(() => refusals)).toSorted()).toEqual(refused);
    expect(await hasClock(tab)).toBe(ownPolicy);
    expect(await tab.evaluate(() => uncaught)).toEqual([]);
    await tab.evaluate(() => visitor.end());
  });
});

declare global {
  var refusals: string[];
  var uncaught: string[];
}
