import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ChromiumOptions, launchChromium } from "./chromium.js";
import { type PageServer, servePages } from "./page-server.js";

describe("a microphone that does not open", () => {
  let pages: PageServer;
  let ordinary: Browser;
  const others: Browser[] = [];
  beforeAll(async () => {
    pages = await servePages();
    ordinary = await launchChromium();
  });
  afterEach(async () => {
    for (const browser of others.splice(0)) await browser.close();
  });
  afterAll(async () => {
    await ordinary?.close();
    await pages?.close();
  });

  const opened = async (options?: ChromiumOptions, host = "127.0.0.1") => {
    const browser = options ? await launchChromium(options) : ordinary;
    if (options) others.push(browser);
    const page = await browser.newPage();
    await page.goto(`http://${host}:${pages.port}/?run=visitor`);
    return page;
  };

  it("says permission-denied, and where to allow it, when the person refuses", async () => {
    const page = await opened({ prompt: "deny" });
    const failure = await page.evaluate(() => failureOfOpening());
    expect(failure).toMatchObject({ code: "permission-denied", message: expect.stringContaining("site settings") });
  });

  it("says device-not-found where there is no microphone", async () => {
    const page = await opened({ noDevices: true });
    expect(await page.evaluate(() => failureOfOpening())).toMatchObject({ code: "device-not-found" });
  });

  it("says insecure-origin on a page over plain http from elsewhere", async () => {
    const page = await opened({ hostAlias: "plain.test" }, "plain.test");
    expect(await page.evaluate(() => failureOfOpening())).toMatchObject({
      code: "insecure-origin",
      message: expect.stringContaining("https"),
    });
  });

  it("names the constraint that nothing satisfies, and falls back where the remembered device is gone", async () => {
    const page = await opened();
    const unsatisfied = await page.evaluate(() => failureOfOpening({ constraints: { sampleRate: { exact: 12_345 } } }));
    expect(unsatisfied).toMatchObject({ code: "constraint-unsatisfied", message: expect.stringContaining("sampleRate") });

    const before = await page.evaluate(() => visitor.listDevices());
    expect(before.filter(({ kind }) => kind === "input").length).toBeGreaterThan(0);
    await page.evaluate(() => visitor.open({ deviceId: "a device of long ago" }));
    const { warnings, facts } = await page.evaluate(() => ({ warnings: visitor.warnings, facts: visitor.facts() }));
    expect(warnings).toEqual([expect.stringContaining("not connected")]);
    expect(facts.readyState).toBe("live");
    const missing = await page.evaluate(async () => {
      try {
        await visitor.microphone.switchDevice("another one");
        return "switched";
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(missing).toBe("device-not-found");
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ readyState: "live", liveTracks: 1 });
    await page.evaluate(() => Promise.all([visitor.microphone.close(), visitor.microphone.close()]));
    expect((await page.evaluate(() => visitor.facts())).liveTracks).toBe(0);
  });

  it("processes speech by default and leaves music alone", async () => {
    const page = await opened();
    const settingsOf = (profile: "voice" | "music") =>
      page.evaluate(async (wanted) => {
        const someone = newVisitor();
        await someone.open({ profile: wanted });
        const { settings } = someone.facts();
        await someone.end();
        return settings;
      }, profile);
    expect(await settingsOf("voice")).toMatchObject({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
    expect(await settingsOf("music")).toMatchObject({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
  });

  it("rejects with the signal's reason and leaves no device open when aborted while the person is asked", async () => {
    const page = await opened();
    const outcome = await page.evaluate(() => {
      const abort = new AbortController();
      const opening = failureOfOpening({ signal: abort.signal });
      abort.abort(new Error("changed my mind"));
      return opening;
    });
    expect(outcome.message).toContain("changed my mind");
  });
});
