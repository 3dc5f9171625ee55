import { measureTone, sine } from "@roomtone/testing";
import { describe, expect, test } from "vitest";
import type { PortAudioStream } from "./portaudio.js";
import { RateConvertedStream } from "./rate-converted-stream.js";

const RATE_HZ = 44_100;

/** A device of 44.1 kHz that hears `input`, and keeps what is played on it. */
class Device implements PortAudioStream {
  readonly played: Buffer[] = [];
  readonly #input: Buffer;
  #offset = 0;

  constructor(input: Int16Array = new Int16Array(0)) {
    this.#input = Buffer.from(input.buffer);
  }

  start(): void {}

  async read(bytes: number) {
    const buf = this.#input.subarray(this.#offset, this.#offset + bytes);
    this.#offset += bytes;
    return buf.length === bytes ? { buf } : { finished: true };
  }

  async write(block: Buffer) {
    this.played.push(block);
  }

  async quit(): Promise<void> {}
}

function samplesOf(blocks: readonly Buffer[]): Int16Array {
  return new Int16Array(new Uint8Array(Buffer.concat(blocks)).buffer);
}

describe("RateConvertedStream", () => {
  test("a microphone of 44.1 kHz keeps its pitch and length at 48 kHz, in blocks of 10 ms", async () => {
    const stream = new RateConvertedStream(new Device(sine({ frequencyHz: 440, durationMs: 1_000, sampleRateHz: RATE_HZ })), RATE_HZ, 1);
    const blocks: Buffer[] = [];
    for (let { buf } = await stream.read(960); buf; { buf } = await stream.read(960)) blocks.push(buf);
    expect(new Set(blocks.map((block) => block.length))).toEqual(new Set([960]));
    expect(blocks.length).toBeGreaterThanOrEqual(98);
    const heard = measureTone(samplesOf(blocks), { sampleRateHz: 48_000, frequencyHz: 440 });
    expect(heard.purity).toBeGreaterThan(0.99);
    expect(heard.dominantHz).toBeCloseTo(440, 0);
  });

  test("a speaker of 44.1 kHz gets the same pitch and length", async () => {
    const device = new Device();
    const stream = new RateConvertedStream(device, RATE_HZ, 2);
    const samples = Buffer.from(sine({ frequencyHz: 1_000, durationMs: 1_000, channels: 2 }).buffer);
    for (let at = 0; at < samples.length; at += 1_920) await stream.write(samples.subarray(at, at + 1_920));
    const played = samplesOf(device.played);
    expect(Math.abs(played.length / 2 - RATE_HZ)).toBeLessThan(100);
    const left = played.filter((_, index) => index % 2 === 0);
    expect(measureTone(left, { sampleRateHz: RATE_HZ, frequencyHz: 1_000 }).purity).toBeGreaterThan(0.99);
  });

  test("the end of the device is its end", async () => {
    expect(await new RateConvertedStream(new Device(), RATE_HZ, 1).read(960)).toEqual({ finished: true });
  });
});
