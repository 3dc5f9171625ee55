import { type AudioFormat, type AudioFrame, frameDurationUs } from "./audio.js";
import { RoomtoneError } from "./errors.js";

export interface FramerOptions {
  readonly format: AudioFormat;
  /** Length of what comes out, for example 2.5 to 60 for Opus. Has to be a whole number of samples. */
  readonly frameDurationMs: number;
}

/**
 * Regroups PCM frames of any length into frames of one exact length. Samples come out in order, none lost and none twice;
 * each frame carries the capture time of its first sample.
 *
 * Where the input is discontinuous, silence stands for what is missing, but only to the end of the frame that was begun:
 * a gap that ends within that frame is filled, a longer one completes it with silence, and the next frame begins with the
 * audio after the gap, at that audio's own time. The first frame with audio from after the gap is marked discontinuous.
 */
export class Framer {
  readonly format: AudioFormat;
  readonly frameDurationMs: number;
  readonly #length: number;
  #pending: Int16Array | undefined;
  #filled = 0;
  #pendingStartUs = 0;
  #expectedUs: number | undefined;
  #marked = false;

  /** @throws RoomtoneError `invalid-settings` where `frameDurationMs` is no whole number of samples */
  constructor(options: FramerOptions) {
    const frames = (options.format.sampleRateHz * options.frameDurationMs) / 1000;
    if (!Number.isInteger(frames) || frames < 1) {
      throw new RoomtoneError(
        "invalid-settings",
        `${options.frameDurationMs} ms at ${options.format.sampleRateHz} Hz is no whole number of samples.`,
        { setting: "frameDurationMs" },
      );
    }
    this.format = options.format;
    this.frameDurationMs = options.frameDurationMs;
    this.#length = frames * options.format.channels;
  }

  /** Samples (across channels) that wait for their frame to fill. */
  get pendingSamples(): number {
    return this.#filled;
  }

  /**
   * The frames that `frame` completes: none, one or several.
   * @throws RoomtoneError `invalid-settings` where rate or channels are not the framer's, and nothing was taken
   */
  push(frame: AudioFrame): AudioFrame[] {
    const { sampleRateHz, channels } = this.format;
    if (frame.format.sampleRateHz !== sampleRateHz || frame.format.channels !== channels) {
      throw new RoomtoneError(
        "invalid-settings",
        `This framer takes ${sampleRateHz} Hz with ${channels} channel(s), not ${frame.format.sampleRateHz} Hz with ${frame.format.channels}.`,
      );
    }
    const completed: AudioFrame[] = [];
    if (frame.discontinuity) this.#bridge(frame.timestampUs, completed);
    this.#expectedUs = frame.timestampUs + frameDurationUs(frame);

    const whole = this.#filled === 0 && frame.samples.length === this.#length;
    if (whole) completed.push(this.#emit(frame.samples, frame.timestampUs));
    else this.#take(frame, completed);
    return completed;
  }

  /** What is begun, completed with silence; undefined where nothing is. For the end of a stream. */
  flush(): AudioFrame | undefined {
    if (!this.#pending || this.#filled === 0) return undefined;
    return this.#emit(this.#pending, this.#pendingStartUs);
  }

  #take(frame: AudioFrame, completed: AudioFrame[]): void {
    const { sampleRateHz, channels } = this.format;
    for (let taken = 0; taken < frame.samples.length; ) {
      if (this.#filled === 0) this.#pendingStartUs = frame.timestampUs + ((taken / channels) * 1_000_000) / sampleRateHz;
      this.#pending ??= new Int16Array(this.#length);
      const count = Math.min(this.#length - this.#filled, frame.samples.length - taken);
      this.#pending.set(frame.samples.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === this.#length) completed.push(this.#emit(this.#pending, this.#pendingStartUs));
    }
  }

  /** Silence for the gap before `timestampUs`, to the end of the pending frame at the most; then marks what follows. */
  #bridge(timestampUs: number, completed: AudioFrame[]): void {
    if (this.#pending && this.#filled > 0) {
      const gapUs = Math.max(0, timestampUs - (this.#expectedUs ?? timestampUs));
      const gapSamples = Math.round((gapUs * this.format.sampleRateHz) / 1_000_000) * this.format.channels;
      this.#filled = Math.min(this.#length, this.#filled + gapSamples); // the buffer is zeros beyond what was taken
      if (this.#filled === this.#length) completed.push(this.#emit(this.#pending, this.#pendingStartUs));
    }
    this.#marked = true;
  }

  #emit(samples: Int16Array, timestampUs: number): AudioFrame {
    const discontinuity = this.#marked;
    this.#pending = undefined;
    this.#filled = 0;
    this.#marked = false;
    return { format: this.format, samples, timestampUs, discontinuity };
  }
}
