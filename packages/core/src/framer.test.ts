import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AudioFormat, AudioFrame } from "./audio.js";
import { Framer } from "./framer.js";

const mono: AudioFormat = { sampleRateHz: 48_000, channels: 1 };
const opusDurationMs = fc.constantFrom(2.5, 5, 10, 20, 40, 60);

/** Frames of the given lengths (samples per channel) whose samples count up from 1; before each, a gap of that many samples. */
function framesFrom(parts: readonly { length: number; gap: number }[], format: AudioFormat): AudioFrame[] {
  let at = 0;
  let value = 0;
  return parts.map(({ length, gap }) => {
    at += gap;
    const samples = Int16Array.from({ length: length * format.channels }, () => (value++ % 32_767) + 1);
    const timestampUs = (at * 1_000_000) / format.sampleRateHz;
    at += length;
    return { format, samples, timestampUs, discontinuity: gap > 0 };
  });
}

describe("a framer", () => {
  test("regroups contiguous audio of any lengths: every sample once, in order, at its own time", () => {
    const channels = fc.constantFrom<1 | 2>(1, 2);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 20 }),
        opusDurationMs,
        channels,
        (lengths, frameDurationMs, channels) => {
          const format = { sampleRateHz: 48_000, channels };
          const frames = framesFrom(
            lengths.map((length) => ({ length, gap: 0 })),
            format,
          );
          const framer = new Framer({ format, frameDurationMs });
          const whole = frames.flatMap((frame) => framer.push(frame));
          const size = frameDurationMs * 48 * channels;
          const input = frames.flatMap((frame) => [...frame.samples]);

          expect(whole.length).toBe(Math.floor(input.length / size));
          expect(framer.pendingSamples).toBe(input.length % size);
          const last = framer.flush();
          expect(last !== undefined).toBe(input.length % size > 0);
          const output = [...whole, ...(last ? [last] : [])];
          expect(output.flatMap((frame) => [...frame.samples]).slice(0, input.length)).toEqual(input);
          output.forEach((frame, index) => {
            expect(frame.samples.length).toBe(size);
            expect(frame.samples.byteOffset).toBe(0);
            expect(Math.abs(frame.timestampUs - index * frameDurationMs * 1000)).toBeLessThan(0.01);
            expect(frame.discontinuity).toBe(false);
          });
          expect(framer.flush()).toBeUndefined();
        },
      ),
    );
  });

  test("keeps every sample at its time over gaps: silence is added, nothing moves, overlaps or goes back", () => {
    const parts = fc.array(
      fc.record({ length: fc.integer({ min: 1, max: 1500 }), gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4000 })) }),
      { maxLength: 15 },
    );
    fc.assert(
      fc.property(parts, opusDurationMs, (parts, frameDurationMs) => {
        const frames = framesFrom(parts, mono);
        const framer = new Framer({ format: mono, frameDurationMs });
        const output = frames.flatMap((frame) => framer.push(frame));
        const last = framer.flush();
        if (last) output.push(last);

        const timeline = new Map<number, number>();
        let endUs = Number.NEGATIVE_INFINITY;
        for (const frame of output) {
          expect(frame.timestampUs).toBeGreaterThanOrEqual(endUs - 0.01);
          endUs = frame.timestampUs + frameDurationMs * 1000;
          frame.samples.forEach((sample, index) => {
            if (sample !== 0) timeline.set(Math.round((frame.timestampUs * 48) / 1000) + index, sample);
          });
        }
        const expected = new Map<number, number>();
        for (const frame of frames)
          for (const [index, sample] of frame.samples.entries()) expected.set(Math.round((frame.timestampUs * 48) / 1000) + index, sample);
        expect(timeline).toEqual(expected);
        expect(output.filter((frame) => frame.discontinuity).length).toBeLessThanOrEqual(parts.filter((part) => part.gap > 0).length);
      }),
    );
  });

  test("fills a gap that ends within the frame, and marks that frame", () => {
    const framer = new Framer({ format: mono, frameDurationMs: 20 });
    const [first, second] = framesFrom(
      [
        { length: 240, gap: 0 },
        { length: 480, gap: 240 },
      ],
      mono,
    ) as [AudioFrame, AudioFrame];
    expect(framer.push(first)).toEqual([]);
    const [frame] = framer.push(second);
    expect(frame).toMatchObject({ timestampUs: 0, discontinuity: true });
    expect([...(frame?.samples.slice(240, 480) ?? [])]).toEqual(new Array(240).fill(0));
  });

  test("completes the frame with silence before a longer gap, and begins anew after it", () => {
    const framer = new Framer({ format: mono, frameDurationMs: 20 });
    const [first, second, third] = framesFrom(
      [
        { length: 480, gap: 0 },
        { length: 480, gap: 48_000 },
        { length: 480, gap: 0 },
      ],
      mono,
    ) as [AudioFrame, AudioFrame, AudioFrame];
    framer.push(first);
    expect(framer.push(second)).toMatchObject([{ timestampUs: 0, discontinuity: false }]);
    expect(framer.push(third)).toMatchObject([{ timestampUs: 1_010_000, discontinuity: true }]);
  });

  test("passes a frame that fits as it is", () => {
    const [frame] = framesFrom([{ length: 480, gap: 0 }], mono) as [AudioFrame];
    expect(new Framer({ format: mono, frameDurationMs: 10 }).push(frame)[0]?.samples).toBe(frame.samples);
  });

  test("refuses a length that is no whole number of samples, and audio of another format", () => {
    for (const frameDurationMs of [0, -10, 0.001, Number.NaN]) {
      expect(() => new Framer({ format: mono, frameDurationMs })).toThrow(expect.objectContaining({ code: "invalid-settings" }));
    }
    expect(() => new Framer({ format: { sampleRateHz: 44_100, channels: 1 }, frameDurationMs: 2.5 })).toThrow(/no whole number/);
    const [stereo] = framesFrom([{ length: 480, gap: 0 }], { sampleRateHz: 48_000, channels: 2 }) as [AudioFrame];
    expect(() => new Framer({ format: mono, frameDurationMs: 10 }).push(stereo)).toThrow(/takes 48000 Hz with 1/);
  });
});
