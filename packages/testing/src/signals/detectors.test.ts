import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findGaps, measureTone } from "./detectors.js";
import { channelOf, interleave, noise, silence, sine, twoTone } from "./generators.js";

const sampleRateHz = 48_000;
const frequencyHz = fc.double({ min: 150, max: 12_000, noNaN: true });

describe("measureTone", () => {
  test("calls a sine of any frequency and level pure, and names its frequency to 1 Hz", () => {
    fc.assert(
      fc.property(frequencyHz, fc.double({ min: 0.01, max: 1, noNaN: true }), (frequency, amplitude) => {
        const measured = measureTone(sine({ frequencyHz: frequency, durationMs: 400, amplitude }), {
          sampleRateHz,
          frequencyHz: frequency,
        });
        expect(measured.purity).toBeGreaterThan(0.99);
        expect(Math.abs(measured.dominantHz - frequency)).toBeLessThan(1);
        expect(Math.abs(measured.levelDbfs - 20 * Math.log10(amplitude) + 3.01)).toBeLessThan(0.1);
      }),
      { numRuns: 30 },
    );
  });

  test("is not fooled by a pitch that is off by 44.1 to 48 kHz", () => {
    const measured = measureTone(sine({ frequencyHz: (440 * 48) / 44.1, durationMs: 400 }), { sampleRateHz, frequencyHz: 440 });
    expect(measured.purity).toBeLessThan(0.01);
    expect(measured.dominantHz).toBeCloseTo(478.9, 0);
  });

  test("gives each of two equal tones half of the energy", () => {
    const both = twoTone({ frequenciesHz: [440, 1000], durationMs: 400 });
    for (const frequencyHz of [440, 1000]) expect(measureTone(both, { sampleRateHz, frequencyHz }).purity).toBeCloseTo(0.5, 2);
  });

  test("finds next to no tone in noise, and none in silence", () => {
    fc.assert(
      fc.property(frequencyHz, fc.integer(), (frequencyHz, seed) => {
        expect(measureTone(noise({ durationMs: 400, seed }), { sampleRateHz, frequencyHz }).purity).toBeLessThan(0.02);
      }),
      { numRuns: 20 },
    );
    const none = measureTone(silence({ durationMs: 400 }), { sampleRateHz, frequencyHz: 440 });
    expect(none).toEqual({ purity: 0, levelDbfs: Number.NEGATIVE_INFINITY, dominantHz: Number.NaN });
    expect(measureTone(new Int16Array(0), { sampleRateHz, frequencyHz: 440 }).purity).toBe(0);
  });

  test("loses purity as noise is mixed in", () => {
    const tone = sine({ frequencyHz: 440, durationMs: 400, amplitude: 0.4 });
    const purities = [0.01, 0.1, 0.4].map((amplitude) => {
      const hiss = noise({ durationMs: 400, amplitude });
      return measureTone(
        tone.map((sample, index) => sample + (hiss[index] ?? 0)),
        { sampleRateHz, frequencyHz: 440 },
      ).purity;
    });
    expect(purities).toEqual([...purities].sort().reverse());
  });

  test("hears the channels of a stereo signal apart", () => {
    const stereo = interleave(sine({ frequencyHz: 440, durationMs: 400 }), sine({ frequencyHz: 1000, durationMs: 400 }));
    expect(measureTone(channelOf(stereo, 0, 2), { sampleRateHz, frequencyHz: 440 }).purity).toBeGreaterThan(0.99);
    expect(measureTone(channelOf(stereo, 1, 2), { sampleRateHz, frequencyHz: 1000 }).purity).toBeGreaterThan(0.99);
  });
});

describe("findGaps", () => {
  test("finds a hole anywhere in a tone, with its place and length to 2 ms, and nothing else", () => {
    fc.assert(
      fc.property(
        frequencyHz,
        fc.integer({ min: 100, max: 600 }),
        fc.integer({ min: 20, max: 300 }),
        (frequencyHz, startMs, durationMs) => {
          const samples = sine({ frequencyHz, durationMs: 1000 });
          samples.fill(0, startMs * 48, (startMs + durationMs) * 48);
          const gaps = findGaps(samples, { sampleRateHz, minGapMs: 15 });
          expect(gaps).toHaveLength(1);
          expect(Math.abs((gaps[0]?.startMs ?? 0) - startMs)).toBeLessThan(2);
          expect(Math.abs((gaps[0]?.durationMs ?? 0) - durationMs)).toBeLessThan(2);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("finds none in an unbroken tone of any frequency", () => {
    fc.assert(
      fc.property(frequencyHz, (frequencyHz) => {
        expect(findGaps(sine({ frequencyHz, durationMs: 500 }), { sampleRateHz, minGapMs: 5 })).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test("tells only holes of at least the length asked for", () => {
    const samples = sine({ frequencyHz: 440, durationMs: 1000 });
    samples.fill(0, 200 * 48, 240 * 48);
    samples.fill(0, 600 * 48, 680 * 48);
    expect(findGaps(samples, { sampleRateHz, minGapMs: 60 })).toHaveLength(1);
    expect(findGaps(samples, { sampleRateHz, minGapMs: 30 })).toHaveLength(2);
  });

  test("leaves out silence before and after the sound unless asked", () => {
    const samples = new Int16Array(48_000);
    samples.set(sine({ frequencyHz: 440, durationMs: 500 }), 12_000);
    expect(findGaps(samples, { sampleRateHz, minGapMs: 20 })).toEqual([]);
    expect(findGaps(samples, { sampleRateHz, minGapMs: 20, includeEdges: true })).toHaveLength(2);
  });

  test("takes a hole filled with faint hiss or a click for a hole", () => {
    const samples = sine({ frequencyHz: 440, durationMs: 1000 });
    samples.set(noise({ durationMs: 100, amplitude: 0.01 }), 400 * 48);
    samples[450 * 48] = 16_000;
    expect(findGaps(samples, { sampleRateHz, minGapMs: 60 })).toHaveLength(1);
  });

  test("calls pure silence one gap", () => {
    expect(findGaps(new Int16Array(4800), { sampleRateHz, minGapMs: 10 })).toEqual([{ startMs: 0, durationMs: 100 }]);
  });
});
