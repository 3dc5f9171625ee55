import { type AudioFormat, type AudioFrame, frameDurationUs } from "@roomtone/core";

const FILL_FRAME_US = 10_000;

/**
 * Puts silence where a capture says that audio is missing, so that the file's time is the capture's. What comes out is
 * one contiguous timeline from the first frame on.
 */
export class SilenceFiller {
  /** End of the last frame by the capture's clock. */
  #endUs: number | undefined;
  /** Of gaps so far, what is not a whole frame: carried on, so that many gaps do not add up to an error. */
  #restUs = 0;
  #nextUs = 0;
  #filledFrames = 0;

  /** Silence put in so far, in milliseconds. */
  get silenceMs(): number {
    return (this.#filledFrames * FILL_FRAME_US) / 1000;
  }

  /** The silence before `frame`, then `frame`: one at a time, since a gap can be hours long. */
  *fill(frame: AudioFrame): Generator<AudioFrame> {
    if (frame.discontinuity && this.#endUs !== undefined) this.#restUs += Math.max(0, frame.timestampUs - this.#endUs);
    this.#endUs = frame.timestampUs + frameDurationUs(frame);
    for (; this.#restUs >= FILL_FRAME_US; this.#restUs -= FILL_FRAME_US) {
      this.#filledFrames += 1;
      yield this.#next({ ...frame, samples: silence(frame.format) });
    }
    yield this.#next(frame);
  }

  #next(frame: AudioFrame): AudioFrame {
    const timestampUs = this.#nextUs;
    this.#nextUs += frameDurationUs(frame);
    return { ...frame, timestampUs, discontinuity: false };
  }
}

function silence({ sampleRateHz, channels }: AudioFormat): Int16Array {
  return new Int16Array(((sampleRateHz * FILL_FRAME_US) / 1_000_000) * channels);
}
