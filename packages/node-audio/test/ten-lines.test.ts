import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as nodeAudio from "@roomtone/node-audio";
import { findGaps, measureTone, withVirtualMicrophone } from "@roomtone/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type DevServer, Hall, startDevServer, until } from "./support/hall.js";
import { createModerator } from "./support/moderator.js";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

const microphone = withVirtualMicrophone();
let server: DevServer;
let hall: Hall;
beforeAll(async () => {
  server = await startDevServer();
});
afterAll(async () => {
  await server.close();
  await nodeAudio.releaseNatives();
});
beforeEach(() => {
  hall = new Hall(server);
});
afterEach(() => hall.close());

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
  const peer = await hall.peer("listener");
  const stopTone = await microphone().playTone(440);
  const ended = tenLines()(server.url, await hall.token("speaker"));
  const hears = (frequencyHz: number) =>
    until(`${frequencyHz} Hz is heard`, async () => {
      const samples = await peer.listen("speaker", "microphone", 200);
      return measureTone(samples, { sampleRateHz: 48_000, frequencyHz }).purity > 0.9;
    });
  await hears(440);
  // The listener shares this process: where all of it stands still, the machine is to blame and not the way between them.
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  const heard = await peer.listen("speaker", "microphone", 10_000);
  stalls.disable();
  const stallMs = stalls.max / 1e6;
  expect(measureTone(heard, { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.9);
  expect(findGaps(heard, { sampleRateHz: 48_000, minGapMs: 60 + (stallMs > 20 ? stallMs : 0) })).toEqual([]);
  await stopTone();
  await microphone().playTone(1000);
  await hears(1000);
  await createModerator(server).deleteRoom(hall.roomName);
  await ended;
});
