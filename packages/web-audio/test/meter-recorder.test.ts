import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, eventually, plays } from "./browser-stage.js";

describe("meter and recorder in a page", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  it("meters the microphone's level in a worklet under a strict policy", async () => {
    const page = await stage.visit();
    await page.evaluate(async () => {
      await visitor.open({ profile: "music" });
      await visitor.openMeter();
    });
    // Half the full scale: 0.354 as a root mean square.
    await eventually("the level is that of the tone", () =>
      page.evaluate(() => Math.abs((visitor.reading?.level ?? 0) - 0.354) < 0.03 && Math.abs((visitor.reading?.peak ?? 0) - 0.5) < 0.03),
    );
    await eventually("the tone counts as talking", () => page.evaluate(() => visitor.reading?.talking === true));
    expect(await page.evaluate(() => visitor.reading)).toMatchObject({ silent: false, clipping: false, talkingWhileMuted: false });
    await page.evaluate(() => visitor.end());
    expect(stage.console).toEqual([]);
  });

  it("loads the worklet from the address that the page gives, and says what to serve where it is not there", async () => {
    const page = await stage.visit();
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await page.evaluate(() => visitor.openMeter({ workletUrl: "/moved/meter-worklet.js" }));
    await eventually("the level is that of the tone", () => page.evaluate(() => (visitor.reading?.level ?? 0) > 0.3));
    const failure = await page.evaluate(() => failureOf(() => visitor.openMeter({ workletUrl: "/nowhere.js" })));
    expect(failure).toMatchObject({ code: "unsupported", message: expect.stringContaining("workletUrl") });
    await page.evaluate(() => visitor.end());
  });

  it("records microphone and room as Opus that decodes again: WebM into memory, Ogg into a file", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "recording");
    await peer.publish(1000, { name: "tone" });
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await page.evaluate(async ({ url, token }) => visitor.join(url, token, true), {
      url: stage.server.url,
      token: await stage.token("page", "recording"),
    });
    await plays(page, "node", 1000);
    const mixed = await page.evaluate(() => visitor.record(700, "webm", "blob"));
    expect(mixed.type).toBe("webm");
    // Two tones of 0.35 each, added.
    expect(mixed.level).toBeGreaterThan(0.3);
    expect(mixed.durationMs).toBeGreaterThan(600);
    expect(mixed.durationMs).toBeLessThan(1500);
    await page.evaluate(() => visitor.leave());
    // A machine that stands still leaves gaps in the fake microphone's tone: then once more.
    await eventually("the recording holds the microphone's tone", async () => {
      const alone = await page.evaluate(() => visitor.record(700, "ogg", "file"));
      expect(alone.type).toBe("ogg");
      return Math.abs(alone.frequencyHz - 440) < 5;
    });
    await page.evaluate(() => visitor.end());
  });
});
