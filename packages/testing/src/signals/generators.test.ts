import { expect, test } from "vitest";
import { framesOf, noise, samplesOf, sine } from "./generators.js";
import { pcmBytes, wavBytes } from "./wav.js";

test("frames are whole buffers of 10 ms that join up to the signal they came from", () => {
  const samples = sine({ frequencyHz: 440, durationMs: 105, channels: 2 });
  const frames = framesOf(samples, { channels: 2, startUs: 500 });
  expect(frames.map((frame) => frame.timestampUs)).toEqual(Array.from({ length: 10 }, (_, index) => 500 + index * 10_000));
  for (const frame of frames)
    expect([frame.samples.length, frame.samples.byteOffset, frame.samples.buffer.byteLength]).toEqual([960, 0, 1920]);
  expect(samplesOf(frames)).toEqual(samples.slice(0, 9600));
});

test("noise repeats for its seed, and only for it", () => {
  expect(noise({ durationMs: 10, seed: 7 })).toEqual(noise({ durationMs: 10, seed: 7 }));
  expect(noise({ durationMs: 10, seed: 7 })).not.toEqual(noise({ durationMs: 10, seed: 8 }));
});

test("a WAV declares what follows", () => {
  const samples = sine({ frequencyHz: 440, durationMs: 10 });
  const wav = wavBytes(samples);
  const view = new DataView(wav.buffer);
  expect(wav.length).toBe(44 + samples.length * 2);
  expect(view.getUint32(4, true)).toBe(wav.length - 8);
  expect(view.getUint32(40, true)).toBe(samples.length * 2);
  expect(wav.slice(44)).toEqual(pcmBytes(samples));
});
