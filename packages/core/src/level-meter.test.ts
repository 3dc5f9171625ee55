import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AudioFrame } from "./audio.js";
import { withChannels } from "./channels.js";
import { FLOOR_DBFS, LevelMeter, measureLevel } from "./level-meter.js";

const frameOf = (samples: readonly number[], channels: 1 | 2 = 1): AudioFrame => ({
  format: { sampleRateHz: 48_000, channels },
  samples: Int16Array.from(samples),
  timestampUs: 0,
  discontinuity: false,
});
const constant = (value: number): AudioFrame => frameOf(new Array(480).fill(value));

describe("a level", () => {
  test("of a full-scale sine is 0 dBFS peak and -3 dBFS RMS", () => {
    const level = measureLevel(
      frameOf(Array.from({ length: 480 }, (_, index) => Math.round(32_767 * Math.sin((2 * Math.PI * index) / 48)))),
    );
    expect(level.peakDbfs).toBe(0);
    expect(level.rmsDbfs).toBeCloseTo(-3.01, 1);
  });

  test("of silence, and of nothing, is the floor", () => {
    for (const frame of [constant(0), frameOf([])])
      expect(measureLevel(frame)).toEqual({ rmsDbfs: FLOOR_DBFS, peakDbfs: FLOOR_DBFS, clippedSamples: 0 });
  });

  test("stays between floor and 0, RMS at or under peak, for any samples", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 960 }), (samples) => {
        const { rmsDbfs, peakDbfs, clippedSamples } = measureLevel(frameOf(samples));
        expect(peakDbfs).toBeLessThanOrEqual(0);
        expect(rmsDbfs).toBeLessThanOrEqual(peakDbfs + 1e-9);
        expect(rmsDbfs).toBeGreaterThanOrEqual(FLOOR_DBFS);
        expect(clippedSamples).toBe(samples.filter((sample) => Math.abs(sample) >= 32_767).length);
      }),
    );
  });
});

describe("a meter", () => {
  test("holds a peak, then lets it fall at the set rate, whatever the frames' lengths", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(120, 480, 960, 2880), { minLength: 1, maxLength: 100 }), (lengths) => {
        const meter = new LevelMeter({ peakHoldMs: 100, peakDecayDbPerS: 20 });
        meter.push(constant(32_767));
        let elapsedMs = 0;
        for (const length of lengths) {
          elapsedMs += length / 48;
          const { heldPeakDbfs } = meter.push(frameOf(new Array(length).fill(0)));
          expect(heldPeakDbfs).toBeCloseTo(Math.max(FLOOR_DBFS, -0.02 * Math.max(0, elapsedMs - 100)), 6);
        }
      }),
    );
  });

  test("jumps up to a higher peak at once", () => {
    const meter = new LevelMeter();
    meter.push(constant(1000));
    expect(meter.push(constant(20_000)).heldPeakDbfs).toBeCloseTo(20 * Math.log10(20_000 / 32_768), 6);
  });

  test("says silent after the set time of quiet frames, and not silent with the first loud one", () => {
    const meter = new LevelMeter({ silentAfterMs: 50 });
    const silent = Array.from({ length: 6 }, () => meter.push(constant(10)).silent);
    expect(silent).toEqual([false, false, false, false, true, true]);
    expect(meter.push(constant(500))).toMatchObject({ silent: false, silentMs: 0 });
  });
});

describe("channels", () => {
  test("to stereo and back is the same audio, and the same object where nothing is to do", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 100 }), (samples) => {
        const mono = frameOf(samples);
        expect(withChannels(withChannels(mono, 2), 1)).toEqual(mono);
        expect(withChannels(mono, 1)).toBe(mono);
      }),
    );
  });

  test("mix to mono as their mean, without clipping", () => {
    expect([...withChannels(frameOf([100, 300, 32_767, 32_767, -32_768, -32_768], 2), 1).samples]).toEqual([200, 32_767, -32_768]);
  });
});
