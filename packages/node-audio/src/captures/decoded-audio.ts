import { Resampler } from "@roomtone/core";
import type { DecodedBlock, Decoder } from "../decoders/decoder.js";
import type { PacedAudio } from "./paced-capture.js";

const SAMPLE_RATE_HZ = 48_000;
const FRAMES_PER_READ = 480;
const AHEAD_FRAMES = 20; // 200 ms decoded ahead, so that a slow disk or a large block is not heard

export interface DecodedAudioOptions {
  readonly decoder: Decoder;
  /** Read from `decoder` already, to learn its format. */
  readonly firstBlock: DecodedBlock;
  readonly channels: 1 | 2;
  /** Begins again after the end, without a gap; absent: does not loop. */
  readonly again?: () => Promise<Decoder>;
  /** Frees the input, and ends a read of it that is pending. */
  readonly closeInput: () => Promise<void>;
}

/** A decoder's blocks as frames of 10 ms at 48 kHz, decoded a little ahead. The last frame is completed with silence. */
export class DecodedAudio implements PacedAudio {
  readonly #options: DecodedAudioOptions;
  #decoder: Decoder;
  #resampler: { readonly rateHz: number; readonly convert: Resampler } | undefined;
  #frames: Int16Array[] = [];
  #partial: Int16Array;
  #filled = 0;
  #heardThisLap = true;
  #end: { readonly error: unknown } | "normal" | undefined;
  #filling: Promise<void> | undefined;

  constructor(options: DecodedAudioOptions) {
    this.#options = options;
    this.#decoder = options.decoder;
    this.#partial = new Int16Array(FRAMES_PER_READ * options.channels);
    this.#append(options.firstBlock);
  }

  async read(): Promise<Int16Array | undefined> {
    for (;;) {
      if (!this.#end && this.#frames.length < AHEAD_FRAMES) {
        this.#filling ??= this.#fill().finally(() => {
          this.#filling = undefined;
        });
      }
      const frame = this.#frames.shift();
      if (frame) return frame;
      if (this.#end === "normal") return undefined;
      if (this.#end) throw this.#end.error;
      await this.#filling;
    }
  }

  async close(): Promise<void> {
    this.#end ??= "normal";
    await this.#options.closeInput();
    await this.#filling;
    this.#decoder.close();
  }

  /** One block more, or the end. Never rejects: a failure comes after the audio before it. */
  async #fill(): Promise<void> {
    try {
      const block = await this.#decoder.read();
      if (this.#end) return;
      if (block) return this.#append(block);
      if (!this.#options.again || !this.#heardThisLap) return this.#finish("normal");
      this.#heardThisLap = false;
      this.#decoder.close();
      this.#decoder = await this.#options.again();
    } catch (error) {
      this.#finish({ error });
    }
  }

  #finish(end: { readonly error: unknown } | "normal"): void {
    if (this.#end) return;
    this.#end = end;
    if (this.#resampler) this.#write(this.#resampler.convert.flush());
    if (this.#filled > 0) this.#frames.push(this.#partial);
    this.#filled = 0;
  }

  #append({ sampleRateHz, channels }: DecodedBlock): void {
    this.#heardThisLap = true;
    if (this.#resampler?.rateHz !== sampleRateHz) {
      if (this.#resampler) this.#write(this.#resampler.convert.flush());
      const convert = new Resampler({ inputRateHz: sampleRateHz, outputRateHz: SAMPLE_RATE_HZ, channels: this.#options.channels });
      this.#resampler = { rateHz: sampleRateHz, convert };
    }
    this.#write(this.#resampler.convert.push(matchChannels(channels, this.#options.channels)));
  }

  #write(channels: readonly Float32Array[]): void {
    const count = channels.length;
    const length = channels[0]?.length ?? 0;
    for (let index = 0; index < length; index += 1) {
      for (let channel = 0; channel < count; channel += 1) {
        this.#partial[this.#filled + channel] = toInt16(channels[channel]?.[index] as number);
      }
      this.#filled += count;
      if (this.#filled < this.#partial.length) continue;
      this.#frames.push(this.#partial);
      this.#partial = new Int16Array(this.#partial.length);
      this.#filled = 0;
    }
  }
}

/** Beyond full scale it stays there: wrapping round would crack. Not a number is silence. */
function toInt16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}

/** A file may change its mind in the middle (chained streams): what was opened as mono or stereo stays so. */
function matchChannels(channels: readonly Float32Array[], wanted: 1 | 2): readonly Float32Array[] {
  const [left, right] = channels;
  if (!left || channels.length === wanted) return channels;
  if (!right) return [left, left];
  return [left.map((sample, index) => (sample + (right[index] as number)) / 2)];
}
