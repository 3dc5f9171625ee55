import { Lifetime } from "@roomtone/core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, eventually, heard } from "./browser-stage.js";
import { openPulseSources, type PulseSources } from "./pulse-sources.js";

/** Chromium without udev hears of a source that went only when a page lists the devices, as a device picker does. */
async function lost(page: Page, times: number): Promise<void> {
  await eventually("the loss is told", () =>
    page.evaluate(async (count) => {
      await visitor.listDevices();
      return visitor.captureEvents.filter(({ type }) => type === "device-lost").length === count;
    }, times),
  );
}

describe("microphones that come and go while live", () => {
  const lifetime = new Lifetime();
  let sources: PulseSources;
  let stage: BrowserStage;
  beforeAll(async () => {
    sources = lifetime.own(await openPulseSources(), (opened) => opened.close());
    await sources.add("desk", 440);
    await sources.add("headset", 880);
    stage = lifetime.own(await BrowserStage.open({ realDevices: true, env: sources.environment }), (opened) => opened.close());
  });
  afterAll(() => lifetime.close());

  it("goes on with the default one when unplugged, switches when asked, and never publishes again", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "devices");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    const idOf = async (name: string) => {
      const found = (await page.evaluate(() => visitor.listDevices())).find((device) => device.kind === "input" && device.name === name);
      return found?.deviceId;
    };
    await page.evaluate((deviceId) => visitor.microphone.switchDevice(deviceId), (await idOf("headset")) ?? "");
    await stage.joinAndPublish(page, "page", "devices");
    await heard(peer, "page", 880);
    const before = await page.evaluate(() => visitor.facts());

    await sources.remove("headset");
    await lost(page, 1);
    // The sound daemon moves the recording to the other source, so that this one may be heard before the page has opened it.
    await eventually("the return is told", () => page.evaluate(() => visitor.captureEvents.length > 1));
    await heard(peer, "page", 440);
    const events = await page.evaluate(() => visitor.captureEvents);
    expect(events).toMatchObject([
      { type: "device-lost", deviceName: "headset" },
      { type: "device-restored", fallback: true },
    ]);

    await sources.add("headset", 880);
    await eventually("the headset is listed again", async () => (await idOf("headset")) !== undefined);
    await page.evaluate((deviceId) => visitor.microphone.switchDevice(deviceId), (await idOf("headset")) ?? "");
    await heard(peer, "page", 880);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({
      label: "headset",
      liveTracks: 1,
      publication: { sid: before.publication?.sid, muted: false },
    });
    await page.evaluate(() => visitor.end());
  });

  it("waits where no microphone is left, and is heard when one returns", async () => {
    const page = await stage.visit();
    const peer = await stage.peer("node", "none");
    await page.evaluate(() => visitor.open({ profile: "music" }));
    await stage.joinAndPublish(page, "page", "none");
    const before = await page.evaluate(() => visitor.facts());
    await sources.remove("headset");
    await sources.remove("desk");
    await lost(page, 1);
    await eventually("nothing is heard", async () => (await peer.hear("page", "microphone", 300)).level < 0.002);
    await sources.add("desk", 440);
    await heard(peer, "page", 440);
    expect(await page.evaluate(() => visitor.facts())).toMatchObject({ publication: { sid: before.publication?.sid, muted: false } });
    await page.evaluate(() => visitor.end());
  });
});
