import { type AudioFormat, type AudioFrame, FrameQueue, type FrameStream } from "@roomtone/core";

/** How far one source may run ahead of another that is silent: past this, the mix goes on without the other. */
const PATIENCE_FRAMES = 5;
/** A reader that falls this far behind loses the oldest of the mix: 2 s, so that a slow disk does not cost audio. */
const OUTPUT_FRAMES = 200;

/**
 * Mixes any number of sources, which come and go, into one stream of 10 ms frames.
 * It has no clock of its own: a frame leaves when every source has one, or when one is 50 ms ahead of the rest.
 */
export class Mixer {
  readonly #format: AudioFormat;
  readonly #output: FrameQueue<AudioFrame>;
  readonly #sources = new Set<{ readonly stream: FrameStream; readonly frames: AudioFrame[] }>();

  /** Sources with other channels are brought to those of `format`. */
  constructor(format: AudioFormat = { sampleRateHz: 48_000, channels: 1 }) {
    this.#format = format;
    this.#output = new FrameQueue<AudioFrame>({ capacity: OUTPUT_FRAMES, overflow: "drop-oldest" });
  }

  /** The mix, for one consumer. */
  get frames(): AsyncIterableIterator<AudioFrame> {
    return this.#output;
  }

  get droppedFrames(): number {
    return this.#output.dropped;
  }

  /** Adds a source until it ends. Resolves then; a source that fails ends like one that is over. */
  async add(stream: FrameStream): Promise<void> {
    const source = { stream, frames: [] as AudioFrame[] };
    this.#sources.add(source);
    try {
      for await (const frame of stream) {
        source.frames.push(frame);
        this.#mix();
      }
    } catch {
      // Its owner's trouble: the others go on, and the room says that the track is gone.
    } finally {
      this.#sources.delete(source);
      this.#mix();
    }
  }

  /** Ends the mix after what is queued, and every source's stream. */
  async end(): Promise<void> {
    this.#output.end();
    await Promise.all([...this.#sources].map((source) => source.stream.return()));
  }

  #mix(): void {
    for (;;) {
      const ready = [...this.#sources].filter((source) => source.frames.length > 0);
      const isAhead = ready.some((source) => source.frames.length >= PATIENCE_FRAMES);
      if (ready.length === 0 || (ready.length < this.#sources.size && !isAhead)) return;
      const frames = ready.flatMap((source) => source.frames.splice(0, 1));
      const [first] = frames;
      const passes = frames.length === 1 && first?.format.channels === this.#format.channels;
      this.#output.push(passes ? first : sum(frames, this.#format));
    }
  }
}

function sum(frames: readonly AudioFrame[], format: AudioFormat): AudioFrame {
  const length = Math.max(...frames.map((frame) => frame.samples.length / frame.format.channels));
  const totals = new Int32Array(length * format.channels);
  for (const { samples, format: from } of frames) {
    for (let index = 0; index < totals.length; index += 1) {
      const position = Math.floor(index / format.channels);
      const channel = index % format.channels;
      const at = (offset: number) => samples[position * from.channels + offset] ?? 0;
      totals[index] =
        (totals[index] ?? 0) + (from.channels === format.channels ? at(channel) : from.channels === 1 ? at(0) : (at(0) + at(1)) / 2);
    }
  }
  const first = frames[0];
  return {
    format,
    samples: Int16Array.from(totals, (value) => Math.max(-32_768, Math.min(32_767, value))),
    timestampUs: first?.timestampUs ?? 0,
    discontinuity: frames.some((frame) => frame.discontinuity),
  };
}
