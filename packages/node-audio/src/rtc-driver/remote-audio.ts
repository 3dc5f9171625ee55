import type { RemoteTrack, AudioFrame as VendorFrame } from "@livekit/rtc-node";
import { type AudioFormat, type AudioFrame, FrameFanout, type FrameStream, type FramesOptions, type RemotePcm } from "@roomtone/core";
import type { RtcNode } from "../natives/load-rtc-node.js";

const FRAME_MS = 10;
const FRAME_US = FRAME_MS * 1000;
/** Frames come by the receiver's own clock, every 10 ms: further from that is a gap, and not jitter of our event loop. */
const GAP_US = 200_000;

/**
 * A subscribed track as frames. It is decoded while somebody listens: rtc-node's own queue has no bound, so a reader that
 * nobody waits for would grow without end.
 */
export class RtcRemoteAudio implements RemotePcm {
  readonly kind = "pcm";
  /** One channel: whatever is sent is mixed by the decoder. */
  readonly format: AudioFormat = { sampleRateHz: 48_000, channels: 1 };
  readonly #rtc: RtcNode;
  readonly #track: RemoteTrack;
  readonly #fanout = new FrameFanout("drop-oldest");
  #isReading = false;
  #isOver = false;
  /** When the next frame begins, where it follows the one before. */
  #expectedUs: number | undefined;

  constructor(rtc: RtcNode, track: RemoteTrack) {
    this.#rtc = rtc;
    this.#track = track;
  }

  frames(options?: FramesOptions): FrameStream {
    const stream = this.#fanout.open(options);
    if (!this.#isReading && !this.#isOver) void this.#read();
    return stream;
  }

  /** The track is gone. */
  end(): void {
    this.#isOver = true;
    this.#fanout.end();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      const { sampleRateHz: sampleRate, channels: numChannels } = this.format;
      const reader = new this.#rtc.AudioStream(this.#track, { sampleRate, numChannels, frameSizeMs: FRAME_MS }).getReader();
      while (!this.#isOver && this.#fanout.consumerCount > 0) {
        const { done, value } = await reader.read();
        if (done) this.end();
        else this.#fanout.push(this.#describe(value));
      }
      await reader.cancel();
    } catch {
      this.end(); // the track went while the stream was opened
    }
    this.#isReading = false;
    if (!this.#isOver && this.#fanout.consumerCount > 0) void this.#read(); // somebody came while it closed
  }

  #describe({ data }: VendorFrame): AudioFrame {
    const nowUs = Math.round(performance.now() * 1000) - FRAME_US;
    const expectedUs = this.#expectedUs ?? nowUs;
    const discontinuity = nowUs - expectedUs > GAP_US;
    const timestampUs = discontinuity ? nowUs : expectedUs;
    this.#expectedUs = timestampUs + FRAME_US;
    return { format: this.format, samples: data, timestampUs, discontinuity };
  }
}
