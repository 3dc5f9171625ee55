import type { PcmCapture } from "@roomtone/core";
import { describePcmCapture, measureTone, samplesOf } from "@roomtone/testing";
import { expect, test } from "vitest";
import { openMelody } from "./open-melody.js";
import { openTone } from "./open-tone.js";

describePcmCapture("the melody", () => openMelody(), { concurrent: true });
describePcmCapture("a stereo tone", () => openTone({ channels: 2 }), { concurrent: true });

async function hear(capture: PcmCapture, count: number): Promise<Int16Array> {
  const frames = [];
  for await (const frame of capture.frames()) if (frames.push(frame) === count) break;
  await capture.close();
  return samplesOf(frames);
}

test("a tone is of its frequency and amplitude, and unbroken", async () => {
  const measured = measureTone(await hear(openTone({ frequencyHz: 997, amplitude: 0.25 }), 30), { sampleRateHz: 48_000, frequencyHz: 997 });
  expect(measured.purity).toBeGreaterThan(0.999);
  expect(measured.levelDbfs).toBeCloseTo(-15.05, 1);
});

test("a tone that cannot be heard or made is refused", () => {
  for (const options of [{ frequencyHz: 0 }, { frequencyHz: 30_000 }, { frequencyHz: Number.NaN }, { amplitude: 1.5 }, { amplitude: -1 }]) {
    expect(() => openTone(options)).toThrow(expect.objectContaining({ code: "invalid-settings" }));
  }
});

test("the melody is the same each time, quiet, and never still", async () => {
  const [one, other] = await Promise.all([hear(openMelody(), 60), hear(openMelody(), 60)]);
  expect(one).toEqual(other);
  const peak = one.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0) / 32_768;
  expect(peak).toBeGreaterThan(0.03);
  expect(peak).toBeLessThan(0.4);
});
