import { beforeAll, describe, expect, it } from "vitest";

/** What the audio thread gives a processor. */
interface Processor {
  readonly port: { postMessage(reading: Reading): void; onmessage?(): void };
  process(inputs: Float32Array[][]): boolean;
}
interface Reading {
  readonly level: number;
  readonly peak: number;
  readonly silent: boolean;
  readonly clipping: boolean;
  readonly talking: boolean;
}

const SAMPLE_RATE_HZ = 48_000;
const settings = {
  intervalMs: 50,
  silenceLevel: 0.0005,
  silenceAfterMs: 3000,
  talkingRatio: 3,
  talkingAfterMs: 200,
  talkingHoldMs: 400,
  clippingHoldMs: 1000,
};
let Meter: new (options: object) => Processor;
const posted: (Reading | "ended")[] = [];

/** Feeds `durationMs` of a tone with that amplitude, and returns the last reading. */
function feed(meter: Processor, amplitude: number, durationMs: number): Reading {
  for (let first = 0; first < (durationMs * SAMPLE_RATE_HZ) / 1000; first += 128) {
    const samples = Float32Array.from({ length: 128 }, (_, index) => {
      const sample = amplitude * Math.sin((2 * Math.PI * 440 * (first + index)) / SAMPLE_RATE_HZ);
      return Math.max(-1, Math.min(1, sample));
    });
    expect(meter.process([[samples]])).toBe(true);
  }
  const reading = posted.at(-1);
  if (!reading || reading === "ended") throw new Error("nothing was posted");
  return reading;
}

describe("the meter's processor", () => {
  beforeAll(async () => {
    Object.assign(globalThis, {
      sampleRate: SAMPLE_RATE_HZ,
      AudioWorkletProcessor: class {
        readonly port = { postMessage: (reading: Reading | "ended") => posted.push(reading) };
      },
      registerProcessor: (_name: string, processor: typeof Meter) => {
        Meter = processor;
      },
    });
    await import("./meter-worklet.js");
  });
  const open = () => new Meter({ processorOptions: settings });

  it("measures root mean square and peak of each interval", () => {
    const reading = feed(open(), 0.5, 500);
    expect(reading.level).toBeCloseTo(0.354, 2);
    expect(reading.peak).toBeCloseTo(0.5, 2);
  });

  it("calls it silence after three seconds of next to nothing, and never sooner", () => {
    const meter = open();
    expect(feed(meter, 0.0001, 2500).silent).toBe(false);
    expect(feed(meter, 0.0001, 1000).silent).toBe(true);
    expect(feed(meter, 0.1, 100).silent).toBe(false);
  });

  it("holds clipping for a second", () => {
    const meter = open();
    expect(feed(meter, 0.9, 300).clipping).toBe(false);
    expect(feed(meter, 1.5, 100).clipping).toBe(true);
    expect(feed(meter, 0.5, 500).clipping).toBe(true);
    expect(feed(meter, 0.5, 1000).clipping).toBe(false);
  });

  it("hears talking above the background, not a short noise, and forgets it after a pause", () => {
    const meter = open();
    expect(feed(meter, 0.003, 1000).talking).toBe(false);
    expect(feed(meter, 0.2, 100).talking).toBe(false);
    expect(feed(meter, 0.003, 200).talking).toBe(false);
    expect(feed(meter, 0.2, 400).talking).toBe(true);
    expect(feed(meter, 0.003, 200).talking).toBe(true);
    expect(feed(meter, 0.003, 500).talking).toBe(false);
  });

  it("goes on in silence where the source delivers no channels", () => {
    const meter = open();
    for (let block = 0; block < (3200 * SAMPLE_RATE_HZ) / 128_000; block += 1) meter.process([[]]);
    expect(posted.at(-1)).toMatchObject({ level: 0, silent: true });
  });

  it("ends when it is told to, and says so", () => {
    const meter = open();
    expect(meter.process([[]])).toBe(true);
    meter.port.onmessage?.();
    expect(meter.process([[]])).toBe(false);
    expect(posted.at(-1)).toBe("ended");
  });
});
