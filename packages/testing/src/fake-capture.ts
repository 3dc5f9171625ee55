import {
  type AudioFormat,
  type AudioFrame,
  type CaptureEvent,
  type CaptureSource,
  FrameFanout,
  type FrameStream,
  type FramesOptions,
  type OverflowPolicy,
  type PcmCapture,
} from "@roomtone/core";
import { framesOf, sine } from "./signals/generators.js";

export interface FakeCaptureOptions {
  readonly overflow?: OverflowPolicy;
  readonly channels?: 1 | 2;
  readonly source?: CaptureSource;
  /** Tone that `push` continues. Default 440. */
  readonly frequencyHz?: number;
  /** Deliver frames without being told, one a turn of the event loop, while somebody reads. Default false. */
  readonly running?: boolean;
}

/** A capture in the test's hand: audio, gaps, events, its end and its failure come when the test says so. */
export class FakeCapture implements PcmCapture {
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  readonly overflow: OverflowPolicy;
  readonly #fanout: FrameFanout;
  readonly #listeners = new Set<(event: CaptureEvent) => void>();
  readonly #tone: AudioFrame[];
  #pushed = 0;
  #gapUs = 0;
  #gapPending = false;
  #closed = false;

  constructor(options: FakeCaptureOptions = {}) {
    this.overflow = options.overflow ?? "drop-oldest";
    this.source = options.source ?? { kind: "custom", label: "fake" };
    this.format = { sampleRateHz: 48_000, channels: options.channels ?? 1 };
    this.#fanout = new FrameFanout(this.overflow);
    // One second holds whole periods of every whole frequency, so repeating it is one unbroken tone.
    this.#tone = framesOf(sine({ frequencyHz: options.frequencyHz ?? 440, durationMs: 1000, channels: this.format.channels }), this.format);
    if (options.running) void this.#run();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get consumerCount(): number {
    return this.#fanout.consumerCount;
  }

  /** Resolves when somebody reads, or after the end. */
  consumer(): Promise<void> {
    return this.#fanout.consumer();
  }

  /** Resolves when every consumer has room for a frame, or after the end. */
  room(): Promise<void> {
    return this.#fanout.room();
  }

  /** Gives every consumer the next `count` frames of the tone now. */
  push(count = 1): void {
    for (let index = 0; index < count; index += 1) {
      const tone = this.#tone[this.#pushed % this.#tone.length];
      if (!tone) return;
      this.#fanout.push({
        format: this.format,
        samples: tone.samples.slice(),
        timestampUs: this.#pushed * 10_000 + this.#gapUs,
        discontinuity: this.#gapPending,
      });
      this.#gapPending = false;
      this.#pushed += 1;
    }
  }

  /** Audio is missing before the next frame. */
  gap(durationMs: number): void {
    this.#gapUs += durationMs * 1000;
    this.#gapPending = true;
  }

  emit(event: CaptureEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The source is at its end: consumers get what is queued, then the end. */
  end(): void {
    this.#fanout.end();
  }

  /** The source broke: consumers get what is queued, then `error`. */
  fail(error: unknown): void {
    this.#fanout.end({ error });
  }

  frames(options?: FramesOptions): FrameStream {
    return this.#fanout.open(options);
  }

  on(listener: (event: CaptureEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fanout.end();
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#fanout.consumer();
      if (this.overflow === "wait") await this.#fanout.room();
      if (this.#fanout.ended) return;
      this.push();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
