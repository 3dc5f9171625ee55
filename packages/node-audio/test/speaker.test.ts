import type { AudioFrame } from "@roomtone/core";
import { openSpeaker } from "@roomtone/node-audio";
import { sine, withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, test } from "vitest";
import { holdings } from "./endurance/memory.js";
import { deviceProcesses, onlyDeviceProcess } from "./support/device-processes.js";
import { bestPurity, eventsOf, patiently } from "./support/hearing.js";

const virtual = withVirtualMicrophone();

async function* toneFrames(frequencyHz: number, durationMs: number): AsyncGenerator<AudioFrame, void, void> {
  const samples = sine({ frequencyHz, durationMs, amplitude: 0.4 });
  for (let at = 0; at < samples.length; at += 480) {
    const format = { sampleRateHz: 48_000, channels: 1 as const };
    yield { format, samples: samples.slice(at, at + 480), timestampUs: Math.round(at / 0.048), discontinuity: false };
  }
}

/** The longest stretch of sound in a recording. */
function sounding(samples: Int16Array): Int16Array {
  const isLoud = (sample: number) => Math.abs(sample) > 1_000;
  return samples.slice(samples.findIndex(isLoud), samples.findLastIndex(isLoud) + 1);
}

describe("openSpeaker", () => {
  const opened: Array<Awaited<ReturnType<typeof openSpeaker>>> = [];
  const open = async (options?: Parameters<typeof openSpeaker>[0]) => {
    const speaker = await openSpeaker(options);
    opened.push(speaker);
    return speaker;
  };
  afterEach(() => Promise.all(opened.splice(0).map((speaker) => speaker.close())));

  test("what is played is heard, all of it, and playing ends when the device has it", async ({ annotate }) => {
    const speaker = await open();
    expect(speaker.deviceName).toBe("default");
    const recording = await virtual().record();
    const startedMs = performance.now();
    await speaker.play(toneFrames(440, 600), { overflow: "wait" });
    const elapsedMs = performance.now() - startedMs;
    await annotate(`600 ms were played in ${Math.round(elapsedMs)} ms`);
    expect(elapsedMs).toBeGreaterThan(500);
    await expect.poll(() => sounding(recording.samples()).length, patiently).toBeGreaterThan(550 * 48);
    const heard = sounding(await recording.stop());
    expect(bestPurity(heard, 440)).toBeGreaterThan(0.9);
    expect(speaker.statistics.droppedFrames).toBe(0);
  });

  test("what was played is let go of while more is played", async () => {
    const speaker = await open();
    const stop = new AbortController();
    const early: WeakRef<AudioFrame>[] = [];
    let taken = 0;
    async function* frames(): AsyncGenerator<AudioFrame, void, void> {
      for await (const frame of toneFrames(440, 60_000)) {
        if (taken++ < 20) early.push(new WeakRef(frame));
        yield frame;
      }
    }
    const playing = speaker.play(frames(), { overflow: "wait", signal: stop.signal });
    await expect.poll(() => taken, patiently).toBeGreaterThan(100);
    await holdings(); // collects
    expect(early.filter((frame) => frame.deref() !== undefined)).toEqual([]);
    stop.abort();
    await playing;
  });

  test("two sounds at once are both heard", async () => {
    const speaker = await open();
    const recording = await virtual().record();
    await Promise.all([
      speaker.play(toneFrames(440, 500), { overflow: "wait" }),
      speaker.play(toneFrames(1_500, 500), { overflow: "wait" }),
    ]);
    const heard = sounding(await recording.stop());
    const middle = heard.subarray(heard.length / 2 - 4_800, heard.length / 2 + 4_800);
    for (const frequencyHz of [440, 1_500]) expect(bestPurity(middle, frequencyHz)).toBeGreaterThan(0.35);
  });

  test("plays on the device of that name; one that is not there is output-unwritable", async () => {
    await virtual().addDevice("Desk Speaker", "output");
    const speaker = await open({ device: "desk" });
    const recording = await virtual().record({ device: "Desk Speaker" });
    await speaker.play(toneFrames(440, 300), { overflow: "wait" });
    await expect.poll(() => sounding(recording.samples()).length, patiently).toBeGreaterThan(9_600);
    await recording.stop();
    await expect(openSpeaker({ device: "Table" })).rejects.toMatchObject({ code: "output-unwritable", details: { deviceName: "Table" } });
  });

  test("playing ends at once when its signal aborts or the speaker closes, also while no frame comes", async () => {
    async function* never(): AsyncGenerator<AudioFrame, void, void> {
      await new Promise(() => {});
    }
    const speaker = await open();
    const abort = new AbortController();
    const aborted = speaker.play(never(), { signal: abort.signal });
    abort.abort();
    await aborted;
    const closed = speaker.play(never());
    await Promise.all([speaker.close(), speaker.close()]);
    await closed;
    await expect(speaker.play(never())).rejects.toMatchObject({ code: "output-unwritable" });
    expect(await deviceProcesses()).toEqual([]);
  });

  test("a source that fails ends its playing with its error, and the speaker plays on", async () => {
    async function* broken(): AsyncGenerator<AudioFrame, void, void> {
      yield* toneFrames(440, 30);
      throw new Error("the source broke");
    }
    const speaker = await open();
    await expect(speaker.play(broken())).rejects.toThrow("the source broke");
    await speaker.play(toneFrames(440, 30), { overflow: "wait" });
  });

  test("a process that is killed is replaced, and what plays goes on", async () => {
    const speaker = await open();
    const { next } = eventsOf(speaker);
    const playing = speaker.play(toneFrames(440, 3_000), { overflow: "wait" });
    process.kill(await onlyDeviceProcess(), "SIGKILL");
    await next("device-lost");
    await next("device-restored");
    const recording = await virtual().record();
    await expect.poll(() => sounding(recording.samples()).length, patiently).toBeGreaterThan(9_600);
    await recording.stop();
    await speaker.close();
    await playing;
  });
});
