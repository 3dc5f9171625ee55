import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, eventually, heard } from "./browser-stage.js";

const roomCode = "**/web-audio/browser-room.js";

describe("the code of rooms, which comes with the first join", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  it("says so where it does not load, leaves the microphone as it is, and is asked for again by the next join", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "missing");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await page.route(roomCode, (route) => route.abort());
    const facts = { url: stage.server.url, token: await stage.token("page", "missing") };
    const join = () => page.evaluate(({ url, token }) => failureOf(() => visitor.join(url, token)), facts);
    expect(await join()).toMatchObject({ code: "native-missing", message: expect.stringContaining("did not load") });
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ readyState: "live", tracksSoFar: 1 });
    await page.unroute(roomCode);
    expect(await join()).toMatchObject({ code: "none" });
    await page.evaluate(() => visitor.publish());
    await heard(peer, "page", 440);
    await page.evaluate(() => visitor.end());
  });

  it("does not keep a join that is aborted waiting", async () => {
    const page = await stage.visit();
    await page.route(roomCode, () => {}); // Never answered.
    const facts = { url: stage.server.url, token: await stage.token("page", "aborted") };
    const reason = await page.evaluate(({ url, token }) => visitor.abortJoin(url, token), facts);
    expect(reason).toBe("no longer wanted");
    await page.close();
  });

  it("is there to the end: a joined page comes back though nothing more of it can be loaded", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "offline");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(page, "page", "offline");
    await heard(peer, "page", 440);
    const asked: string[] = [];
    await page.route(`${stage.pages.origin}/**`, (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    await stage.server.kill("SIGKILL");
    await eventually("the outage is told", async () => (await page.evaluate(() => visitor.facts())).connection === "reconnecting");
    await stage.server.start();
    await eventually("it is live again", async () => (await page.evaluate(() => visitor.facts())).publication?.status === "live");
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ connection: "connected", readyState: "live", tracksSoFar: 1 });
    expect(asked).toEqual([]);
    await page.evaluate(() => visitor.end());
  });
});
