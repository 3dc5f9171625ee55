import { labelsOf, labelsOfStory } from "@roomtone/testing";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, eventually } from "./browser-stage.js";
import { labelIs } from "./outage-page.js";
import { createModerator } from "./room-moderator.js";

describe("a page in a live room shows what the table of testing says", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  const join = async (room: string, muted = false) => {
    const page = await stage.visit();
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(page, "page", room, { muted });
    return page;
  };
  const shows = (page: Page, label: string) => eventually(`it shows ${label}`, () => labelIs(page, label));
  const goesAs = async (page: Page, story: string) => {
    expect(labelsOf(await page.evaluate(() => visitor.shown))).toEqual(labelsOfStory(story));
    await page.evaluate(() => visitor.end());
  };

  it("publishing, muted, unmuted and left while somebody comes and goes", async () => {
    const page = await join("voices");
    const peer = await stage.peer("node", "voices");
    await page.evaluate(() => visitor.setMuted(true));
    await page.evaluate(() => visitor.setMuted(false));
    await peer.leave();
    await page.evaluate(() => visitor.leave());
    await goesAs(page, "publishes, mutes, unmutes and leaves while somebody comes and goes");
  });

  it("through a restart of the server while muted", async () => {
    const page = await join("restart", true);
    await stage.server.kill("SIGKILL");
    await shows(page, "reconnecting");
    await stage.server.start();
    await shows(page, "muted");
    await page.evaluate(() => visitor.leave());
    await goesAs(page, "is muted when it comes back with another connection");
  });

  it("removed, closed with the room, and joined elsewhere", async () => {
    const { httpUrl, apiKey, apiSecret } = stage.server;
    const moderator = createModerator(httpUrl, apiKey, apiSecret);
    const [removed, closed, elsewhere] = [await join("removed"), await join("closed"), await join("elsewhere")];
    await moderator.remove("removed", "page");
    await moderator.deleteRoom("closed");
    await stage.peer("page", "elsewhere");
    await shows(removed, "removed");
    await shows(closed, "room closed");
    await shows(elsewhere, "joined elsewhere");
    await goesAs(removed, "is removed by a moderator");
    await goesAs(closed, "ends with its room");
    await goesAs(elsewhere, "is joined elsewhere");
  });
});
