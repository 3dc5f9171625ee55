import { type AudioFormat, type AudioFrame, FrameFanout, type FrameStream, type FramesOptions } from "@roomtone/core";

/** What arrives on a track of a fake server, for whoever listens. */
export class FakeTrackAudio {
  readonly format: AudioFormat = { sampleRateHz: 48_000, channels: 1 };
  readonly #fanout = new FrameFanout("drop-oldest");
  #packets = 0;
  #lastFrame: AudioFrame | undefined;

  /** Frames that arrived so far. */
  get packets(): number {
    return this.#packets;
  }

  get lastFrame(): AudioFrame | undefined {
    return this.#lastFrame;
  }

  push(frame: AudioFrame): void {
    this.#packets += 1;
    this.#lastFrame = frame;
    this.#fanout.push(frame);
  }

  frames(options?: FramesOptions): FrameStream {
    return this.#fanout.open(options);
  }

  end(): void {
    this.#fanout.end();
  }
}
