import { type AudioFrame, type OverflowPolicy, RoomtoneError, withChannels } from "@roomtone/core";
import { FRAMES_PER_BLOCK, SAMPLE_RATE_HZ } from "./device-protocol.js";

/** What has to be there before a sound begins, or begins again: the cover against the next frame coming late. */
const PREFILL_MS = 30;
/** A live sound with a longer backlog than this is behind its time: the backlog goes, but for the prefill. */
const MAX_BACKLOG_MS = 80;
const CHANNELS = 2;
const BLOCK_SAMPLES = FRAMES_PER_BLOCK * CHANNELS;
const SAMPLES_PER_MS = (SAMPLE_RATE_HZ / 1_000) * CHANNELS;

/** One sound on its way to the speaker. */
export class PlaybackInput {
  readonly #overflow: OverflowPolicy;
  #chunks: Int16Array[] = [];
  #offset = 0;
  #samples = 0;
  #ended = false;
  #droppedFrames = 0;
  #wake: (() => void) | undefined;
  /** Whether it takes part in the mix: false until the prefill is there. */
  audible = false;

  constructor(overflow: OverflowPolicy) {
    this.#overflow = overflow;
  }

  /** 10 ms of audio each that were thrown away because they were late. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  get empty(): boolean {
    return this.#samples === 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @throws RoomtoneError `invalid-settings` for another rate than 48 kHz */
  push(frame: AudioFrame): void {
    if (frame.format.sampleRateHz !== SAMPLE_RATE_HZ) {
      const message = `a speaker plays frames of ${SAMPLE_RATE_HZ} Hz, not of ${frame.format.sampleRateHz} Hz`;
      throw new RoomtoneError("invalid-settings", message, { setting: "sampleRateHz" });
    }
    const { samples } = withChannels(frame, CHANNELS);
    this.#chunks.push(samples);
    this.#samples += samples.length;
    if (this.#overflow === "drop-oldest" && this.#samples > MAX_BACKLOG_MS * SAMPLES_PER_MS) {
      const excess = this.#samples - PREFILL_MS * SAMPLES_PER_MS;
      this.#droppedFrames += Math.ceil(excess / BLOCK_SAMPLES);
      this.#skip(excess);
    }
    if (this.#samples >= PREFILL_MS * SAMPLES_PER_MS) this.audible = true;
  }

  /** Nothing more comes: what there is, is played. */
  end(): void {
    this.#ended = true;
    this.audible = true;
    this.#wake?.();
  }

  /** Resolves when more would be played soon: at once for a live sound, which loses what is too much. */
  async room(): Promise<void> {
    while (this.#overflow === "wait" && !this.#ended && this.#samples >= PREFILL_MS * SAMPLES_PER_MS) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Adds the next 10 ms to `mix`; less where it has less. */
  addTo(mix: Int32Array): void {
    let position = 0;
    for (let chunk = this.#chunks[0]; chunk && position < mix.length; chunk = this.#chunks[0]) {
      const count = Math.min(chunk.length - this.#offset, mix.length - position);
      for (let index = 0; index < count; index += 1) {
        mix[position + index] = (mix[position + index] ?? 0) + (chunk[this.#offset + index] ?? 0);
      }
      this.#skip(count);
      position += count;
    }
    this.#wake?.();
  }

  #skip(samples: number): void {
    this.#samples -= samples;
    this.#offset += samples;
    for (let chunk = this.#chunks[0]; chunk && this.#offset >= chunk.length; chunk = this.#chunks[0]) {
      this.#chunks.shift();
      this.#offset -= chunk.length;
    }
  }
}

/** Several sounds on one speaker. */
export class PlaybackMixer {
  readonly #inputs = new Set<PlaybackInput>();
  #droppedBefore = 0;

  get droppedFrames(): number {
    return [...this.#inputs].reduce((sum, input) => sum + input.droppedFrames, this.#droppedBefore);
  }

  add(input: PlaybackInput): void {
    this.#inputs.add(input);
  }

  remove(input: PlaybackInput): void {
    if (this.#inputs.delete(input)) this.#droppedBefore += input.droppedFrames;
  }

  /** The speaker ran dry: sounds that have nothing begin again with a prefill, or every late frame would be a crackle. */
  starved(): void {
    for (const input of this.#inputs) if (input.empty && !input.ended) input.audible = false;
  }

  /** The next 10 ms, stereo; nothing where no sound has any. */
  next(): Int16Array | undefined {
    const audible = [...this.#inputs].filter((input) => input.audible && !input.empty);
    if (audible.length === 0) return undefined;
    const mix = new Int32Array(BLOCK_SAMPLES);
    for (const input of audible) input.addTo(mix);
    return Int16Array.from(mix, (sample) => Math.max(-32_768, Math.min(32_767, sample)));
  }
}
