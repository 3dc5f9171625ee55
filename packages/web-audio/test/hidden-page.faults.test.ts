import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, backAfterMs, heard, plays } from "./browser-stage.js";
import type { Tab } from "./tab.js";

const visibility = (tab: Tab) => tab.evaluate(() => document.visibilityState);

describe("a page that nobody sees", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ tabs: true });
  });
  afterAll(() => stage?.close());

  const publishing = async (room: string, muted: boolean) => {
    const tab = await stage.visitInTab();
    await tab.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(tab, "page", room, { subscribe: true, muted });
    return { tab, before: await tab.evaluate(() => visitor.facts()) };
  };

  it("goes on publishing and hearing while it is hidden, and when it is shown again", async () => {
    const { tab, before } = await publishing("hidden", false);
    const peer = await stage.peer("node", "hidden");
    await peer.publish(1000, { name: "tone" });
    await heard(peer, "page", 440);
    await tab.hide();
    expect(await visibility(tab)).toBe("hidden");
    await heard(peer, "page", 440);
    await plays(tab, "node", 1000);
    await tab.show();
    expect(await visibility(tab)).toBe("visible");
    await heard(peer, "page", 440);
    expect(await tab.evaluate(() => visitor.facts())).toMatchObject({ trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    expect(await tab.evaluate(() => visitor.shown.map(({ event }) => event))).not.toContain("reconnecting");
    await tab.evaluate(() => visitor.end());
  });

  // Browsers fire a hidden page's timers once a second: it takes a few of them.
  it.for([false, true])("comes back from a restart of the server while it is hidden, muted: %s", async (muted, { annotate }) => {
    const room = `restart-${muted}`;
    const { tab, before } = await publishing(room, muted);
    await tab.hide();
    await stage.server.kill("SIGKILL");
    await stage.server.start();
    await annotate(`hidden, it was back after ${await backAfterMs(tab, Date.now(), muted ? "muted" : "live")} ms`);
    const peer = await stage.peer("node", room);
    if (!muted) await heard(peer, "page", 440);
    await tab.show();
    const after = await tab.evaluate(() => visitor.facts());
    expect(after).toMatchObject({ connection: "connected", trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    expect(after.publication).toMatchObject({ muted, status: "live" });
    if (muted) expect((await peer.hear("page", "microphone", 300)).level).toBeLessThan(0.002);
    await tab.evaluate(() => visitor.end());
  });

  it("comes back when it is shown after it was frozen while the server restarted", async ({ annotate }) => {
    const { tab, before } = await publishing("frozen", false);
    await tab.hide();
    await tab.freeze();
    await stage.server.kill("SIGKILL");
    await stage.server.start();
    await tab.thaw();
    await tab.show();
    await annotate(`shown, it was back after ${await backAfterMs(tab, Date.now(), "live")} ms`);
    await heard(await stage.peer("node", "frozen"), "page", 440);
    expect(await tab.evaluate(() => visitor.facts())).toMatchObject({ trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    await tab.evaluate(() => visitor.end());
  });
});
