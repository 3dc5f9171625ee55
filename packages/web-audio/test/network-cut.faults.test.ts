import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, backAfterMs, eventually, heard } from "./browser-stage.js";
import { labelIs, OutagePage } from "./outage-page.js";

describe("a page whose network is cut and restored, the WebSocket's way and the media's", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ cuttable: true });
  });
  afterAll(() => stage?.close());

  it.for([
    // Until it is noticed: the connection may resume. Longer than livekit-client's own attempt lasts: the room is joined anew.
    { how: "silent", cutMs: 0 },
    { how: "silent", cutMs: 25_000 },
    { how: "refused", cutMs: 0 },
    { how: "refused", cutMs: 5000 },
  ] as const)("is back with the same live microphone: $how, for $cutMs ms after it is noticed", async ({ how, cutMs }, { annotate }) => {
    const { page, peer, before } = await OutagePage.open(stage, `${how}-${cutMs}`);
    stage.network.cut(how);
    await eventually("the cut is noticed", () => labelIs(page, "reconnecting"));
    await new Promise((resolve) => setTimeout(resolve, cutMs)); // the outage itself
    stage.network.restore();
    const returnedMs = Date.now();
    await heard(peer, "page", 440);
    const soundMs = Date.now() - returnedMs;
    await annotate(`heard again after ${soundMs} ms, live after ${await backAfterMs(page, returnedMs, "live")} ms`);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({
      connection: "connected",
      trackId: before.trackId,
      readyState: "live",
      tracksSoFar: 1,
      publication: { muted: false },
    });
    await page.evaluate(() => visitor.end());
  });

  it("is muted when it is back, and has sent nothing", async ({ annotate }) => {
    const { page, peer, before } = await OutagePage.open(stage, "muted", { muted: true });
    stage.network.cut("refused");
    await eventually("the cut is noticed", () => labelIs(page, "reconnecting"));
    stage.network.restore();
    const returnedMs = Date.now();
    await annotate(`muted and there after ${await backAfterMs(page, returnedMs, "muted")} ms`);
    expect((await peer.hear("page", "microphone", 500)).level).toBeLessThan(0.002);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ trackId: before.trackId, readyState: "live", tracksSoFar: 1 });
    await page.evaluate(() => visitor.setMuted(false));
    await heard(peer, "page", 440);
    await page.evaluate(() => visitor.end());
  });
});
