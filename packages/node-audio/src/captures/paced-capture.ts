import {
  type AudioFormat,
  type CaptureEvent,
  type CaptureSource,
  FrameFanout,
  type FrameStream,
  type FramesOptions,
  type OverflowPolicy,
  type PcmCapture,
  toRoomtoneError,
} from "@roomtone/core";
import { type PaceClock, systemPaceClock } from "./pace-clock.js";

const FRAME_MS = 10;

/** Audio at rest, that a paced capture plays in real time. */
export interface PacedAudio {
  /** The next 10 ms, interleaved, in a buffer of its own; undefined at the end. One call at a time. */
  read(): Promise<Int16Array | undefined>;
  /** Frees file and decoder, and ends a pending `read` (its result does not matter then). Called once. */
  close(): Promise<void>;
}

export interface PacedCaptureOptions {
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  readonly overflow: OverflowPolicy;
  readonly audio: PacedAudio;
  /** How late a frame may be and still be followed on schedule. Later, the schedule moves and the frame is marked discontinuous. */
  readonly toleranceMs: number;
  readonly clock?: PaceClock;
}

/**
 * Plays audio at rest as a microphone would deliver it: a frame every 10 ms, by absolute deadlines on a monotonic clock,
 * so that timing errors do not add up. Begins with the first consumer, stands still while there is none. Where audio,
 * consumers or the process hold it up for longer than the tolerance, the schedule moves: nothing is caught up in a burst.
 */
export class PacedCapture implements PcmCapture {
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  readonly overflow: OverflowPolicy;
  readonly #options: PacedCaptureOptions;
  readonly #clock: PaceClock;
  readonly #fanout: FrameFanout;
  readonly #finished: Promise<void>;
  #release: Promise<void> | undefined;
  #wake = () => {};

  constructor(options: PacedCaptureOptions) {
    this.#options = options;
    this.source = options.source;
    this.format = options.format;
    this.overflow = options.overflow;
    this.#clock = options.clock ?? systemPaceClock;
    this.#fanout = new FrameFanout(options.overflow);
    this.#finished = this.#run();
  }

  frames(options?: FramesOptions): FrameStream {
    return this.#fanout.open(options);
  }

  /** Nothing happens to what is at rest: no event ever comes. */
  on(_listener: (event: CaptureEvent) => void): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.#fanout.end();
    this.#wake();
    await this.#releaseAudio();
    await this.#finished;
  }

  async #run(): Promise<void> {
    try {
      await this.#play();
      this.#fanout.end();
    } catch (error) {
      this.#fanout.end({ error: toRoomtoneError(error) });
    }
    // The end of the audio frees the file, whether anybody closes or not. A failure to do so is told by `close`.
    await this.#releaseAudio().catch(() => {});
  }

  async #play(): Promise<void> {
    let deadlineMs: number | undefined;
    let timestampUs = 0;
    for (;;) {
      await this.#fanout.consumer();
      const samples = this.#fanout.ended ? undefined : await this.#options.audio.read();
      if (!samples) return;
      await this.#listener();
      const nowMs = this.#clock.nowMs();
      const late = deadlineMs === undefined || nowMs - deadlineMs > this.#options.toleranceMs;
      const discontinuity = late && deadlineMs !== undefined;
      if (late || deadlineMs === undefined) {
        deadlineMs = nowMs;
        timestampUs = Math.round(nowMs * 1000);
      }
      if (deadlineMs > nowMs) await this.#sleep(deadlineMs - nowMs);
      if (this.#fanout.ended) return;
      this.#fanout.push({ format: this.format, samples, timestampUs, discontinuity });
      deadlineMs += FRAME_MS;
      timestampUs += FRAME_MS * 1000;
    }
  }

  /** Until somebody listens and, where the policy is to wait, everybody has room: what was read is not lost on nobody. */
  async #listener(): Promise<void> {
    do {
      await this.#fanout.consumer();
      if (this.overflow === "wait") await this.#fanout.room();
    } while (this.#fanout.consumerCount === 0 && !this.#fanout.ended);
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(resolve, delayMs);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #releaseAudio(): Promise<void> {
    this.#release ??= this.#options.audio.close();
    return this.#release;
  }
}
