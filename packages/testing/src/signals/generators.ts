import type { AudioFormat, AudioFrame } from "@roomtone/core";
import { seededRandom } from "../seeded-random.js";

/** What every generator takes. */
export interface SignalOptions {
  readonly durationMs: number;
  /** Default 48000. */
  readonly sampleRateHz?: number;
  /** Default 1. Every channel carries the same signal; `interleave` makes others. */
  readonly channels?: 1 | 2;
  /** Peak, 0 to 1 of full scale. Default 0.5. */
  readonly amplitude?: number;
}

/** A sine from phase 0, as interleaved int16. */
export function sine(options: SignalOptions & { readonly frequencyHz: number }): Int16Array {
  const step = (2 * Math.PI * options.frequencyHz) / (options.sampleRateHz ?? 48_000);
  return generate(options, (index) => Math.sin(step * index));
}

/** Two sines of equal level at once; together they peak at `amplitude`. */
export function twoTone(options: SignalOptions & { readonly frequenciesHz: readonly [number, number] }): Int16Array {
  const [first, second] = options.frequenciesHz.map((frequencyHz) => (2 * Math.PI * frequencyHz) / (options.sampleRateHz ?? 48_000)) as [
    number,
    number,
  ];
  return generate(options, (index) => (Math.sin(first * index) + Math.sin(second * index)) / 2);
}

/** White noise, the same for the same seed. */
export function noise(options: SignalOptions & { readonly seed?: number }): Int16Array {
  const random = seededRandom(options.seed ?? 1);
  return generate(options, () => 2 * random() - 1);
}

export function silence(options: SignalOptions): Int16Array {
  return generate(options, () => 0);
}

/** Two mono signals of one length as left and right. */
export function interleave(left: Int16Array, right: Int16Array): Int16Array {
  const stereo = new Int16Array(left.length * 2);
  for (let index = 0; index < left.length; index += 1) {
    stereo[index * 2] = left[index] ?? 0;
    stereo[index * 2 + 1] = right[index] ?? 0;
  }
  return stereo;
}

/** One channel of interleaved samples. */
export function channelOf(samples: Int16Array, channel: number, channels: number): Int16Array {
  const length = Math.floor(samples.length / channels);
  return Int16Array.from({ length }, (_, index) => samples[index * channels + channel] ?? 0);
}

export interface FramesOfOptions extends Partial<AudioFormat> {
  /** Length of each frame. Default 10; a remainder that fills no frame is left out. */
  readonly frameDurationMs?: number;
  /** Timestamp of the first frame. Default 0. */
  readonly startUs?: number;
}

/** Interleaved samples as contiguous frames, each a buffer of its own. */
export function framesOf(samples: Int16Array, options: FramesOfOptions = {}): AudioFrame[] {
  const format: AudioFormat = { sampleRateHz: options.sampleRateHz ?? 48_000, channels: options.channels ?? 1 };
  const frameDurationMs = options.frameDurationMs ?? 10;
  const length = Math.round((format.sampleRateHz * frameDurationMs) / 1000) * format.channels;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, index) => ({
    format,
    samples: samples.slice(index * length, (index + 1) * length),
    timestampUs: (options.startUs ?? 0) + index * frameDurationMs * 1000,
    discontinuity: false,
  }));
}

/** All samples of `frames`, in one array. */
export function samplesOf(frames: readonly AudioFrame[]): Int16Array {
  const joined = new Int16Array(frames.reduce((length, frame) => length + frame.samples.length, 0));
  let offset = 0;
  for (const frame of frames) {
    joined.set(frame.samples, offset);
    offset += frame.samples.length;
  }
  return joined;
}

function generate(options: SignalOptions, valueAt: (index: number) => number): Int16Array {
  const { durationMs, sampleRateHz = 48_000, channels = 1, amplitude = 0.5 } = options;
  const frames = Math.round((durationMs * sampleRateHz) / 1000);
  const samples = new Int16Array(frames * channels);
  for (let frame = 0; frame < frames; frame += 1) {
    const value = Math.round(Math.max(-1, Math.min(1, valueAt(frame) * amplitude)) * 32_767);
    for (let channel = 0; channel < channels; channel += 1) samples[frame * channels + channel] = value;
  }
  return samples;
}
