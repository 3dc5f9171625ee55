import { type AudioFrame, type PcmCapture, type RoomtoneError, toRoomtoneError, withChannels } from "@roomtone/core";

/** After a stall the newest 60 ms are sent: what is older would come as a burst, and stay as latency at every listener. */
const LIVE_CAPACITY_MS = 60;
const FRAME_MS = 10;
/** From the last frame to the last packet's playing at a listener: the encoder's 20 ms, the way, and a jitter buffer. */
const PLAYOUT_MS = 200;

/** Where a feed writes: one frame of 10 ms at a time. */
export interface AudioSink {
  readonly channels: 1 | 2;
  write(frame: AudioFrame): Promise<void>;
}

/**
 * Moves a capture's frames into a sink, one at a time and at the capture's own pace. A muted feed goes on reading, so that
 * unmuting begins at the newest frame.
 */
export class TrackFeed {
  muted: boolean;
  /** Milliseconds of audio that the sink took. */
  writtenMs = 0;
  /** Resolves when the capture has ended and its last audio was played, or with the error that its frames ended with. */
  readonly ended: Promise<RoomtoneError | undefined>;
  readonly #sink: AudioSink;
  readonly #onSinkFailure: (error: unknown) => void;
  #settleEnded: (error: RoomtoneError | undefined) => void = () => {};
  #reading: AbortController | undefined;
  #playout: NodeJS.Timeout | undefined;

  /** @param onSinkFailure called once, when the sink takes no more: the feed has stopped then */
  constructor(sink: AudioSink, muted: boolean, onSinkFailure: (error: unknown) => void) {
    this.#sink = sink;
    this.muted = muted;
    this.#onSinkFailure = onSinkFailure;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
  }

  /** Reads `capture` from now on, instead of what was read before. */
  read(capture: PcmCapture): void {
    this.stop();
    const reading = new AbortController();
    this.#reading = reading;
    void this.#run(capture, reading.signal);
  }

  /** Stops reading; the capture stays open. */
  stop(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    clearTimeout(this.#playout);
  }

  async #run(capture: PcmCapture, signal: AbortSignal): Promise<void> {
    const capacity = capture.overflow === "drop-oldest" ? { capacityMs: LIVE_CAPACITY_MS } : {};
    let last: AudioFrame | undefined;
    try {
      for await (const frame of capture.frames({ signal, ...capacity })) {
        if (signal.aborted) return;
        last = frame;
        if (!this.muted && !(await this.#write(frame, signal))) return;
      }
    } catch (error) {
      if (!signal.aborted) this.#settleEnded(toRoomtoneError(error));
      return;
    }
    if (signal.aborted) return;
    // Two frames of silence push an odd last frame out of the encoder, which takes 20 ms at a time.
    for (let count = 0; last && !this.muted && count < 2; count += 1) {
      if (!(await this.#write({ ...last, samples: new Int16Array(last.samples.length) }, signal))) return;
    }
    this.#playout = setTimeout(() => this.#settleEnded(undefined), PLAYOUT_MS);
  }

  /** Whether there is more to write. */
  async #write(frame: AudioFrame, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#sink.write(withChannels(frame, this.#sink.channels));
      this.writtenMs += FRAME_MS;
    } catch (error) {
      if (!signal.aborted) {
        this.stop();
        this.#onSinkFailure(error);
      }
    }
    return !signal.aborted;
  }
}
