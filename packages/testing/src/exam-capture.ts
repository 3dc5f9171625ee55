import {
  type AudioFormat,
  type CaptureEvent,
  type CaptureSource,
  FrameFanout,
  type FrameStream,
  type FramesOptions,
  type PcmCapture,
  type PublishableCapture,
} from "@roomtone/core";
import { systemTime, type TestTime } from "./virtual-clock.js";

/** What an exam needs to know and do about a capture, besides publishing it. */
export interface ExamCaptureControl {
  /** Consumers that hold a queue now. */
  readonly openConsumers: number;
  readonly isClosed: boolean;
  /** Ends the source as a file ends, or with `error` as one breaks. */
  finish(error?: Error): void;
}

export type ExamCapture = PublishableCapture & ExamCaptureControl;

export interface ExamPcmCaptureOptions {
  /** Default 440. */
  readonly frequencyHz?: number;
  /** Of the second channel, where there are two. Default: as the first. */
  readonly secondFrequencyHz?: number;
  /** Of full scale. Default 0.5. */
  readonly amplitude?: number;
  readonly channels?: 1 | 2;
  readonly time?: TestTime;
  /** Time between frames. Default 10, which is their length; longer spares work where nobody listens to what it sounds like. */
  readonly intervalMs?: number;
}

const SAMPLE_RATE_HZ = 48_000;
const FRAMES_PER_BLOCK = 480;

/** A tone in frames of 10 ms, paced by absolute deadlines, whose end the exam decides. It runs while somebody listens. */
export class ExamPcmCapture implements PcmCapture, ExamCaptureControl {
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  readonly overflow = "drop-oldest";
  readonly #fanout = new FrameFanout("drop-oldest");
  readonly #time: TestTime;
  readonly #steps: readonly number[];
  readonly #amplitude: number;
  readonly #intervalMs: number;
  #frames = 0;
  #finished = false;
  #closed = false;
  #paused = false;
  #stopTimer: (() => void) | undefined;

  constructor(options: ExamPcmCaptureOptions = {}) {
    const frequencyHz = options.frequencyHz ?? 440;
    this.source = { kind: "tone", label: `${frequencyHz} Hz` };
    this.format = { sampleRateHz: SAMPLE_RATE_HZ, channels: options.channels ?? 1 };
    this.#time = options.time ?? systemTime();
    this.#intervalMs = options.intervalMs ?? 10;
    const frequenciesHz = [frequencyHz, options.secondFrequencyHz ?? frequencyHz];
    this.#steps = frequenciesHz.map((hz) => (2 * Math.PI * hz) / SAMPLE_RATE_HZ);
    this.#amplitude = (options.amplitude ?? 0.5) * 32_767;
  }

  get openConsumers(): number {
    return this.#fanout.consumerCount;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  on(_listener: (event: CaptureEvent) => void): () => void {
    return () => {};
  }

  frames(options?: FramesOptions): FrameStream {
    const stream = this.#fanout.open(options);
    if (!this.#stopTimer && !this.#finished) this.#run(this.#time.nowMs());
    return stream;
  }

  finish(error?: Error): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#stopTimer?.();
    this.#fanout.end(error ? { error } : undefined);
  }

  /** Delivers nothing any more, but stays open: a source that waits. */
  pause(): void {
    this.#paused = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.finish();
  }

  #run(dueMs: number): void {
    const nextMs = dueMs + this.#intervalMs;
    this.#stopTimer = this.#time.setTimer(() => {
      this.#stopTimer = undefined;
      if (this.#finished || this.#fanout.consumerCount === 0) return;
      if (!this.#paused) this.#fanout.push(this.#nextFrame());
      this.#run(nextMs);
    }, nextMs - this.#time.nowMs());
  }

  #nextFrame() {
    const { channels } = this.format;
    const samples = new Int16Array(FRAMES_PER_BLOCK * channels);
    const first = this.#frames;
    for (let index = 0; index < samples.length; index += 1) {
      const step = this.#steps[index % channels] ?? 0;
      samples[index] = Math.round(this.#amplitude * Math.sin(step * (first + Math.floor(index / channels))));
    }
    this.#frames += FRAMES_PER_BLOCK;
    return { format: this.format, samples, timestampUs: Math.round((first * 1_000_000) / SAMPLE_RATE_HZ), discontinuity: false };
  }
}
