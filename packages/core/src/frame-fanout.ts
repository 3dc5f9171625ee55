import { type AudioFrame, frameDurationUs } from "./audio.js";
import type { FrameStream } from "./capture.js";
import { Fanout, FanoutConsumer, type FanoutConsumerOptions } from "./fanout.js";

/** One producer's frames of 10 ms, given to any number of consumers, each with a bounded queue of its own. */
export class FrameFanout extends Fanout<AudioFrame, FrameConsumer> {
  protected override durationMs(frame: AudioFrame): number {
    return frameDurationUs(frame) / 1000;
  }

  protected override createConsumer(options: FanoutConsumerOptions<AudioFrame>): FrameConsumer {
    return new FrameConsumer(options);
  }
}

class FrameConsumer extends FanoutConsumer<AudioFrame> implements FrameStream {
  get droppedFrames(): number {
    return this.dropped;
  }
}
