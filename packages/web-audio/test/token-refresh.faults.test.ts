import { RoomServiceClient } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, backAfterMs, eventually } from "./browser-stage.js";

describe("a token that the server issues to a page", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  const toldOf = (page: Awaited<ReturnType<BrowserStage["visit"]>>) =>
    page.evaluate(() => visitor.shown.filter(({ event }) => event === "token-refreshed").length);

  it("is told once, and lets the page in again when the token that it came with has expired", async () => {
    const { server } = stage;
    const page = await stage.visit();
    await page.evaluate(() => visitor.open({ profile: "music" }));
    const validForS = 8;
    const expiresMs = Date.now() + validForS * 1000;
    const token = await server.createToken({ identity: "page", roomName: "refresh", validForS });
    await page.evaluate(
      async (facts) => {
        await visitor.join(facts.url, facts.token);
        await visitor.publish();
      },
      { url: server.url, token },
    );
    // A changed participant is why a server issues a token before its time.
    const moderator = new RoomServiceClient(server.httpUrl, server.apiKey, server.apiSecret);
    await moderator.updateParticipant("refresh", "page", { metadata: "changed" });
    await eventually("the token is told", async () => (await toldOf(page)) === 1);
    await eventually("the first token has expired", () => Date.now() > expiresMs + 1000);
    await server.kill("SIGKILL");
    await server.start();
    await backAfterMs(page, Date.now(), "live");
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ connection: "connected", publication: { status: "live" } });
    // The interruption told nothing that the server did not issue.
    expect(await toldOf(page)).toBe(1);
    await page.evaluate(() => visitor.end());
  });
});
