import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Resampler } from "./resampler.js";

const rateHz = fc.constantFrom(8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000, 47_999);

function sine(frequencyHz: number, sampleRateHz: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * index) / sampleRateHz));
}

function convert(inputRateHz: number, outputRateHz: number, input: Float32Array, cuts: readonly number[] = []): Float32Array {
  const resampler = new Resampler({ inputRateHz, outputRateHz, channels: 1 });
  const output: number[] = [];
  let start = 0;
  for (const end of [...cuts, input.length]) {
    output.push(...(resampler.push([input.subarray(start, end)])[0] ?? []));
    start = end;
  }
  output.push(...(resampler.flush()[0] ?? []));
  return Float32Array.from(output);
}

/** Power of the difference against a reference, in dB, away from the edges. */
function errorDb(actual: Float32Array, reference: Float32Array, edge: number): number {
  let error = 0;
  let power = 0;
  for (let index = edge; index < reference.length - edge; index += 1) {
    error += ((actual[index] ?? 0) - (reference[index] ?? 0)) ** 2;
    power += (reference[index] ?? 0) ** 2;
  }
  return 10 * Math.log10(error / power);
}

describe("resampling", () => {
  test("makes ceil(n × out / in) samples of n, and the same ones however the input is cut", () => {
    fc.assert(
      fc.property(
        rateHz,
        rateHz,
        fc.integer({ min: 0, max: 3000 }),
        fc.array(fc.nat(3000), { maxLength: 8 }),
        (inputRateHz, outputRateHz, length, cuts) => {
          const input = sine(440, inputRateHz, length);
          const whole = convert(inputRateHz, outputRateHz, input);
          expect(whole.length).toBe(Math.ceil((length * outputRateHz) / inputRateHz));
          const places = cuts.filter((cut) => cut <= length).sort((a, b) => a - b);
          expect(convert(inputRateHz, outputRateHz, input, places)).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("keeps pitch, level and phase of any tone that both rates can carry: the error is under -90 dB", () => {
    fc.assert(
      fc.property(rateHz, rateHz, fc.double({ min: 0.02, max: 0.8, noNaN: true }), (inputRateHz, outputRateHz, share) => {
        const frequencyHz = (share * Math.min(inputRateHz, outputRateHz)) / 2;
        const length = Math.round(inputRateHz / 5);
        const reference = sine(frequencyHz, outputRateHz, Math.ceil((length * outputRateHz) / inputRateHz));
        const edge = Math.ceil((80 * outputRateHz) / Math.min(inputRateHz, outputRateHz));
        expect(errorDb(convert(inputRateHz, outputRateHz, sine(frequencyHz, inputRateHz, length)), reference, edge)).toBeLessThan(-90);
      }),
      { numRuns: 40 },
    );
  });

  test("leaves nothing of what the lower rate cannot carry", () => {
    const output = convert(96_000, 48_000, sine(30_000, 96_000, 19_200));
    expect(20 * Math.log10(Math.max(...output.subarray(200, -200).map(Math.abs)))).toBeLessThan(-90);
  });

  test("is linear, and keeps a constant", () => {
    const constant = new Float32Array(2000).fill(0.25);
    expect(
      convert(44_100, 48_000, constant)
        .subarray(100, -100)
        .every((value) => Math.abs(value - 0.25) < 1e-6),
    ).toBe(true);
    const both = sine(440, 44_100, 2000).map((value, index) => value + (constant[index] ?? 0));
    const apart = [sine(440, 44_100, 2000), constant].map((input) => convert(44_100, 48_000, input));
    const sum = Float32Array.from(apart[0] ?? [], (value, index) => value + (apart[1]?.[index] ?? 0));
    expect(errorDb(convert(44_100, 48_000, both), sum, 0)).toBeLessThan(-120);
  });

  test("between equal rates changes nothing", () => {
    const input = sine(440, 48_000, 1000);
    expect(convert(48_000, 48_000, input, [17, 500])).toEqual(input);
  });

  test("keeps channels apart, and begins anew after a flush", () => {
    const resampler = new Resampler({ inputRateHz: 44_100, outputRateHz: 48_000, channels: 2 });
    const left = sine(440, 44_100, 1000);
    const run = () => [resampler.push([left, new Float32Array(1000)]), resampler.flush()];
    const first = run();
    expect(first.every((block) => block[1]?.every((value) => value === 0))).toBe(true);
    expect(run()).toEqual(first);
  });

  test("refuses rates and channels that are none", () => {
    for (const bad of [0, -1, 44_100.5, Number.NaN, 1e9]) {
      expect(() => new Resampler({ inputRateHz: bad, outputRateHz: 48_000, channels: 1 })).toThrow(
        expect.objectContaining({ code: "invalid-settings" }),
      );
    }
    expect(() => new Resampler({ inputRateHz: 8000, outputRateHz: 48_000, channels: 0 })).toThrow(/at least one channel/);
  });
});
