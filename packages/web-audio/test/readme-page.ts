import { expect } from "vitest";
import type { BrowserStage } from "./browser-stage.js";

/** A page as a user writes it, with facts about itself for the test. */
export const pageOfTheReadme = `
import { joinRoom, openMicrophone } from "@roomtone/web-audio";
import { openMeter } from "@roomtone/web-audio/meter";

globalThis.start = async ({ url, token }) => {
  const microphone = await openMicrophone({ profile: "music" });
  const meter = await openMeter(microphone);
  const room = await joinRoom({ url, token });
  await room.publish(microphone, { name: "microphone", profile: "music" });
  globalThis.levelOf = () => meter.reading.level;
};
globalThis.ready = true;
`;

/** Runs the built page of `origin` as the participant "page" of `room`: it joins, publishes and meters, and breaks no policy. */
export async function proveBundle(stage: BrowserStage, origin: string, room: string): Promise<void> {
  const page = await stage.browser.newPage();
  const trouble: string[] = [];
  const requested: string[] = [];
  page.on("console", (message) => trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("request", (request) => requested.push(request.url()));
  await page.goto(origin);
  await page.waitForFunction("globalThis.ready");
  // Importing did nothing: neither livekit-client nor what speaks to it is even loaded.
  expect(requested.filter((url) => url.endsWith(".js"))).toHaveLength(1);
  const facts = JSON.stringify({ url: stage.server.url, token: await stage.token("page", room) });
  await page.evaluate(`start(${facts})`);
  await page.waitForFunction("levelOf() > 0.3");
  expect(trouble).toEqual([]);
}
