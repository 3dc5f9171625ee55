import type { AudioFrame } from "@roomtone/core";
import { listDevices, openMicrophone, openSpeaker, watchDevices } from "@roomtone/node-audio";
import { reportFault, sine, withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, type TestContext, test } from "vitest";
import { deviceProcesses, isAlive, onlyDeviceProcess } from "./support/device-processes.js";
import { bestPurity, changeUntil, eventsOf, heardPurity, listen, patiently } from "./support/hearing.js";

const virtual = withVirtualMicrophone();

const closers: Array<() => Promise<void>> = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  expect(await deviceProcesses()).toEqual([]);
});

async function microphoneOf(options?: Parameters<typeof openMicrophone>[0]) {
  const microphone = await openMicrophone(options);
  closers.push(() => microphone.close());
  return microphone;
}

const tell = (context: TestContext, facts: { fault: string; seen: string; lost: string; backMs: readonly number[]; guard: string }) =>
  reportFault(context, { part: "device", driver: "any", ...facts });

describe("a microphone", () => {
  test("whose process stands still hears again within 2 s", async (context) => {
    const microphone = await microphoneOf();
    const { next } = eventsOf(microphone);
    const pid = await onlyDeviceProcess();
    process.kill(pid, "SIGSTOP");
    const { gapMs, fallback } = await next("device-restored");
    expect(gapMs).toBeLessThan(6_000);
    expect(fallback).toBe(false);
    await expect.poll(() => isAlive(pid), patiently).toBe(false);
    await tell(context, {
      fault: "capture process SIGSTOP, outside a room",
      seen: "`device-lost`, `device-restored`",
      lost: `${Math.round(gapMs)} ms of audio, told in the event`,
      backMs: [gapMs],
      guard: "`device/device-process.ts`: its watch (*tried*)",
    });
  });

  test("hears again when the sound daemon was killed and started again", async ({ annotate }) => {
    const stop = await virtual().playTone(440);
    const microphone = await microphoneOf();
    const { next } = eventsOf(microphone);
    await virtual().killDaemon();
    await next("device-lost");
    await virtual().startDaemon();
    const { gapMs } = await next("device-restored");
    await annotate(`audio was back after ${gapMs} ms`);
    await expect.poll(() => heardPurity(microphone, 440), patiently).toBeGreaterThan(0.9);
    await stop();
  });

  test("hears again when the sound daemon stood still for 5 s, without what was said meanwhile", async ({ annotate }) => {
    const stop = await virtual().playTone(440);
    const microphone = await microphoneOf();
    const { next } = eventsOf(microphone);
    const frames = microphone.frames({ capacityMs: 60_000 });
    await listen(microphone, 100);
    await virtual().freeze();
    await next("device-lost");
    await new Promise((resolve) => setTimeout(resolve, 4_000)); // the length of the outage is the subject
    await virtual().thaw();
    const { gapMs } = await next("device-restored");
    await annotate(`audio was back after ${gapMs} ms`);
    await expect.poll(() => heardPurity(microphone, 440), patiently).toBeGreaterThan(0.9);
    const missingMs = await firstGapMs(frames);
    expect(Math.abs(missingMs - gapMs)).toBeLessThan(500);
    await stop();
  });

  test("that is unplugged goes on with the default one, and goes back when it returns", async (context) => {
    await virtual().addDevice("Headset");
    const stops = [await virtual().playTone(440), await virtual().playTone(1_000, { device: "Headset" })];
    const microphone = await microphoneOf({ device: "headset" });
    const { events, next } = eventsOf(microphone);
    await expect.poll(() => heardPurity(microphone, 1_000), patiently).toBeGreaterThan(0.9);

    await virtual().removeDevice("Headset");
    expect(await next("device-lost")).toEqual({ type: "device-lost", deviceName: "Headset" });
    const standIn = await next("device-restored");
    expect(standIn).toMatchObject({ deviceName: "default", fallback: true });
    await expect.poll(() => heardPurity(microphone, 440), patiently).toBeGreaterThan(0.9);

    const before = events.length;
    await virtual().addDevice("Headset");
    const returned = await next("device-restored", before);
    expect(returned).toMatchObject({ deviceName: "Headset", fallback: false });
    expect(returned.gapMs).toBeLessThan(500);
    await expect.poll(() => heardPurity(microphone, 1_000), patiently).toBeGreaterThan(0.9);
    expect(microphone.source.label).toBe("Headset");
    await Promise.all(stops.map((stop) => stop()));
    await tell(context, {
      fault: "microphone unplugged",
      seen: "`device-lost`, `device-restored` with `fallback`: the default one stands in",
      lost: "the time back",
      backMs: [standIn.gapMs],
      guard: "`device/device-supervisor.ts`: every other attempt is at the default one (*tried*)",
    });
    await tell(context, {
      fault: "microphone plugged in again",
      seen: "`device-restored` without `fallback`",
      lost: "the time back",
      backMs: [returned.gapMs],
      guard: "`device/device-supervisor.ts`: it looks for the chosen one (*tried*)",
    });
  });

  test("that is listed still but delivers nothing is replaced by the default one", async (context) => {
    await virtual().addDevice("Dead");
    const stop = await virtual().playTone(440);
    const microphone = await microphoneOf({ device: "Dead" });
    const { next } = eventsOf(microphone);
    await virtual().removeDevice("Dead", { listed: true });
    const restored = await next("device-restored");
    expect(restored).toMatchObject({ deviceName: "default", fallback: true });
    await expect.poll(() => heardPurity(microphone, 440), patiently).toBeGreaterThan(0.9);
    await stop();
    await tell(context, {
      fault: "microphone listed, and delivering nothing",
      seen: "`device-lost`, `device-restored` with `fallback`",
      lost: "the time back",
      backMs: [restored.gapMs],
      guard: "`device/device-process.ts`: its watch (*tried*)",
    });
  });

  test("is device-not-found, with the reason, where no sound service runs", async () => {
    await virtual().killDaemon();
    try {
      await expect(openMicrophone()).rejects.toMatchObject({
        code: "device-not-found",
        message: expect.stringContaining("no sound service runs"),
      });
      await expect(openSpeaker()).rejects.toMatchObject({ code: "output-unwritable" });
      expect(await listDevices()).toEqual([]);
    } finally {
      await virtual().startDaemon();
    }
  });

  test("is device-lost after 5 s, a list of devices after 3 s, where the sound daemon stands still", async () => {
    await virtual().freeze();
    try {
      await Promise.all([
        expect(openMicrophone()).rejects.toMatchObject({ code: "device-lost", message: expect.stringContaining("within 5 s") }),
        expect(listDevices()).rejects.toMatchObject({ code: "device-lost", message: expect.stringContaining("within 3 s") }),
      ]);
    } finally {
      await virtual().thaw();
    }
  });
});

describe("watchDevices", () => {
  test("waits for a sound daemon that stands still, and tells what has changed since", async () => {
    const abort = new AbortController();
    const changes = watchDevices({ intervalMs: 50, signal: abort.signal });
    await changes.next();
    await virtual().freeze();
    const change = changeUntil(changes, ({ added }) => added.some((device) => device.name === "Appeared"));
    await expect.poll(() => deviceProcesses(), patiently).toHaveLength(1);
    await virtual().thaw();
    await virtual().addDevice("Appeared");
    await change;
    abort.abort();
    expect(await changes.next()).toMatchObject({ done: true });
  });
});

describe("a speaker", () => {
  test.each(["killed", "stopped"] as const)("plays on when its sound daemon or process was %s", async (fault) => {
    const speaker = await openSpeaker();
    closers.push(() => speaker.close());
    const { next } = eventsOf(speaker);
    const playing = speaker.play(endlessTone());
    if (fault === "killed") await virtual().killDaemon();
    else process.kill(await onlyDeviceProcess(), "SIGSTOP");
    await next("device-lost");
    if (fault === "killed") await virtual().startDaemon();
    await next("device-restored");
    const recording = await virtual().record();
    const heard = () => recording.samples().slice(-9_600);
    await expect.poll(() => bestPurity(heard(), 440), patiently).toBeGreaterThan(0.9);
    await recording.stop();
    await speaker.close();
    await playing;
  });
});

async function* endlessTone() {
  const samples = sine({ frequencyHz: 440, durationMs: 10 * 25, amplitude: 0.4 }); // whole periods
  const startedMs = performance.now();
  for (let index = 0; ; index += 1) {
    const at = (index % 25) * 480;
    const dueMs = startedMs + index * 10 - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const format = { sampleRateHz: 48_000, channels: 1 as const };
    yield { format, samples: samples.slice(at, at + 480), timestampUs: index * 10_000, discontinuity: false };
  }
}

/** How much audio is missing at the first gap in what waits in `frames`. */
async function firstGapMs(frames: AsyncIterableIterator<AudioFrame>): Promise<number> {
  let previousUs: number | undefined;
  for await (const { timestampUs, discontinuity } of frames) {
    if (discontinuity && previousUs !== undefined) return (timestampUs - previousUs) / 1_000 - 10;
    previousUs = timestampUs;
  }
  throw new Error("there is no gap");
}
