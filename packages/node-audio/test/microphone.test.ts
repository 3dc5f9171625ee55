import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { AudioFrame } from "@roomtone/core";
import { openMicrophone } from "@roomtone/node-audio";
import { describePcmCapture, withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, test } from "vitest";
import { deviceProcesses, isAlive, onlyDeviceProcess } from "./support/device-processes.js";
import { channelSamples, eventsOf, heardPurity, listen, patiently } from "./support/hearing.js";

const virtual = withVirtualMicrophone();

describePcmCapture("openMicrophone", openMicrophone);

describe("openMicrophone", () => {
  const opened: Array<Awaited<ReturnType<typeof openMicrophone>>> = [];
  const open = async (options?: Parameters<typeof openMicrophone>[0]) => {
    const microphone = await openMicrophone(options);
    opened.push(microphone);
    return microphone;
  };
  afterEach(() => Promise.all(opened.splice(0).map((microphone) => microphone.close())));

  test.each([440, 1_000])("hears %d Hz as such", async (frequencyHz) => {
    const stop = await virtual().playTone(frequencyHz);
    const microphone = await open();
    expect(microphone.source).toEqual({ kind: "microphone", label: "default" });
    // The daemon mixes the tone in at its next period, which may be after the first frames.
    await expect.poll(() => heardPurity(microphone, frequencyHz), patiently).toBeGreaterThan(0.9);
    await stop();
  });

  test("hears in stereo where it is asked to", async () => {
    const stop = await virtual().playTone(440);
    const microphone = await open({ channels: 2 });
    const frames = await listen(microphone, 10);
    expect(frames[0]?.samples.length).toBe(960);
    await expect.poll(() => heardPurity(microphone, 440, 1), patiently).toBeGreaterThan(0.9);
    await stop();
  });

  test("opens the device of that name, and the only one whose name contains it", async () => {
    await virtual().addDevice("Desk Microphone");
    await virtual().addDevice("Camera Microphone");
    const stop = await virtual().playTone(700, { device: "Camera Microphone" });
    const [desk, camera] = [await open({ device: "Desk Microphone" }), await open({ device: "camera" })];
    expect([desk.source.label, camera.source.label]).toEqual(["Desk Microphone", "Camera Microphone"]);
    await expect.poll(() => heardPurity(camera, 700), patiently).toBeGreaterThan(0.9);
    expect(channelSamples(await listen(desk, 200)).every((sample) => sample === 0)).toBe(true);
    await stop();
  });

  test("a name that no device or more than one has is device-not-found, and no process is left", async () => {
    await virtual().addDevice("Desk Microphone");
    await virtual().addDevice("Camera Microphone");
    await expect(openMicrophone({ device: "Table" })).rejects.toMatchObject({
      code: "device-not-found",
      details: { deviceName: "Table" },
      message: expect.stringMatching(/no microphone is named "Table": there is .*"Desk Microphone".*roomtone devices/),
    });
    await expect(openMicrophone({ device: "microphone" })).rejects.toMatchObject({
      code: "device-not-found",
      message: expect.stringContaining("fits several microphones"),
    });
    expect(await deviceProcesses()).toEqual([]);
  });

  test("a device that is listed but does not open is device-lost", async () => {
    await virtual().addDevice("Broken Microphone");
    await virtual().removeDevice("Broken Microphone", { listed: true, unloaded: true });
    await expect(openMicrophone({ device: "Broken Microphone" })).rejects.toMatchObject({ code: "device-lost" });
    expect(await deviceProcesses()).toEqual([]);
    await virtual().removeDevice("Broken Microphone");
  });

  test("opening ends when its signal aborts, with the signal's reason", async () => {
    await expect(openMicrophone({ signal: AbortSignal.abort(new Error("changed my mind")) })).rejects.toThrow("changed my mind");
    const abort = new AbortController();
    const opening = openMicrophone({ signal: abort.signal });
    abort.abort(new Error("too long"));
    await expect(opening).rejects.toThrow("too long");
    expect(await deviceProcesses()).toEqual([]);
  });

  test("its frames' time is performance.now() when they were heard", async () => {
    const microphone = await open();
    const beforeUs = performance.now() * 1_000;
    const frames = await listen(microphone, 100);
    const afterUs = performance.now() * 1_000;
    for (const { timestampUs } of frames) {
      expect(timestampUs).toBeGreaterThan(beforeUs - 200_000);
      expect(timestampUs).toBeLessThan(afterUs);
    }
  });

  test("the process that hears has no secret in its environment, and writes no crash.log", async () => {
    process.env["LIVEKIT_API_SECRET"] = "a-secret-of-the-test";
    process.env["LIVEKIT_TOKEN"] = "a-token-of-the-test";
    try {
      const microphone = await open();
      const pid = await onlyDeviceProcess();
      const environment = await readFile(`/proc/${pid}/environ`, "utf8");
      expect(environment).toContain("PULSE_SERVER=");
      expect(environment).not.toMatch(/LIVEKIT|of-the-test/);
      const events = eventsOf(microphone);
      process.kill(pid, "SIGSEGV");
      await events.next("device-restored");
      expect(existsSync("crash.log")).toBe(false);
    } finally {
      delete process.env["LIVEKIT_API_SECRET"];
      delete process.env["LIVEKIT_TOKEN"];
    }
  });

  test("a process that is killed is replaced: audio is back, on the same device, and says that some is missing", async ({ annotate }) => {
    const stop = await virtual().playTone(440);
    const microphone = await open();
    const { next } = eventsOf(microphone);
    const frames = microphone.frames({ capacityMs: 10_000 });
    await frames.next();
    process.kill(await onlyDeviceProcess(), "SIGKILL");
    expect(await next("device-lost")).toEqual({ type: "device-lost", deviceName: "default" });
    const restored = await next("device-restored");
    expect(restored).toMatchObject({ deviceName: "default", fallback: false });
    await annotate(`audio was back after ${restored.gapMs} ms`);
    expect(restored.gapMs).toBeLessThan(6_000);
    for await (const frame of frames) if (frame.discontinuity) break;
    await expect.poll(() => heardPurity(microphone, 440), patiently).toBeGreaterThan(0.9);
    expect(microphone.statistics.restarts).toBe(1);
    await stop();
  });

  test("closing while the device is being opened again leaves no process", async () => {
    const microphone = await open();
    const pid = await onlyDeviceProcess();
    const { next } = eventsOf(microphone);
    process.kill(pid, "SIGKILL");
    await next("device-lost");
    await microphone.close();
    expect(await deviceProcesses()).toEqual([]);
  });

  test("an event loop that stood still for 500 ms gets the newest 60 ms, not a burst, and no latency stays", async ({ annotate }) => {
    const microphone = await open();
    const frames = microphone.frames();
    const ageMs = (frame: AudioFrame) => performance.now() - frame.timestampUs / 1_000;
    for (let count = 0; count < 20; count += 1) await frames.next();
    const untilMs = performance.now() + 500;
    while (performance.now() < untilMs);
    for (;;) {
      const { value, done } = await frames.next();
      if (done) throw new Error("the microphone ended");
      if (!value.discontinuity) continue;
      await annotate(`the first frame after it was ${Math.round(ageMs(value))} ms old`);
      expect(ageMs(value)).toBeLessThan(250);
      break;
    }
    const agesMs: number[] = [];
    for await (const frame of frames) if (agesMs.push(ageMs(frame)) === 30) break;
    expect(Math.min(...agesMs.slice(10))).toBeLessThan(40);
    expect(microphone.statistics).toMatchObject({ restarts: 0, droppedFrames: expect.any(Number) });
    expect(microphone.statistics.droppedFrames).toBeGreaterThan(30);
  });

  test("signals of a terminal do not reach the device: Ctrl-C is the program's", async () => {
    const microphone = await open();
    const pid = await onlyDeviceProcess();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGTSTP"] as const) process.kill(pid, signal);
    await listen(microphone, 200);
    expect(await onlyDeviceProcess()).toBe(pid);
  });

  test("opening and closing leaves no process and no handle", async () => {
    const before = process.getActiveResourcesInfo().length;
    for (let cycle = 0; cycle < 5; cycle += 1) {
      const microphone = await openMicrophone();
      const pid = await onlyDeviceProcess();
      await listen(microphone, 20);
      await Promise.all([microphone.close(), microphone.close()]);
      expect(await isAlive(pid)).toBe(false);
    }
    await expect.poll(() => process.getActiveResourcesInfo().length, patiently).toBeLessThanOrEqual(before);
  });
});
