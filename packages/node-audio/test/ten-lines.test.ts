import { readFileSync } from "node:fs";
import * as nodeAudio from "@roomtone/node-audio";
import { findGaps, measureTone, withVirtualMicrophone } from "@roomtone/testing";
import { expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";
import { besidesStalls } from "./support/hearing.js";
import { createModerator } from "./support/moderator.js";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

const microphone = withVirtualMicrophone();
const hall = withHall();

/** The README's first piece of code, as a function of the two names that it takes as given. */
function tenLines(): (url: string, token: string) => Promise<void> {
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const body = code.replace(/^import (\{.*?\}) from (".*?");.*$/m, "const $1 = load($2);");
  const asyncFunction = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;
  const run = asyncFunction("load", "url", "token", body);
  const load = (name: string) => {
    expect(name).toBe("@roomtone/node-audio");
    return nodeAudio;
  };
  return (url, token) => run(load, url, token) as Promise<void>;
}

it("the README's ten lines put the microphone into a room, heard for ten seconds without a gap over 60 ms, and end with the room", async () => {
  const peer = await hall().peer("listener");
  const stopTone = await microphone().playTone(440);
  const ended = tenLines()(hall().server.url, await hall().token("speaker"));
  const hears = (frequencyHz: number) =>
    until(`${frequencyHz} Hz is heard`, async () => {
      const samples = await peer.listen("speaker", "microphone", 200);
      return measureTone(samples, { sampleRateHz: 48_000, frequencyHz }).purity > 0.9;
    });
  await hears(440);
  const { heard, minGapMs } = await besidesStalls(() => peer.listen("speaker", "microphone", 10_000));
  expect(measureTone(heard, { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.9);
  expect(findGaps(heard, { sampleRateHz: 48_000, minGapMs })).toEqual([]);
  await stopTone();
  await microphone().playTone(1000);
  await hears(1000);
  await createModerator(hall().server).deleteRoom(hall().roomName);
  await ended;
});
