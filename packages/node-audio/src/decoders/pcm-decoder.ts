import { readWavFormat, type WavFormat } from "../wav/wav-format.js";
import { decodeSamples, type SampleEncoding } from "../wav/wav-samples.js";
import type { ByteReader } from "./byte-reader.js";
import type { DecodedBlock, Decoder } from "./decoder.js";
import { downmix, MAX_CHANNELS } from "./downmix.js";
import { cutOff, unreadable } from "./input-errors.js";

const BLOCK_S = 0.1;

/** Uncompressed samples from `reader`, as `format` says they are stored. Slow input is passed on as it comes. */
export class PcmDecoder implements Decoder {
  readonly #reader: ByteReader;
  readonly #format: WavFormat;
  readonly #label: string;
  readonly #blockBytes: number;
  #read = 0;
  #partial: Uint8Array = new Uint8Array(0);

  constructor(reader: ByteReader, format: WavFormat, label: string) {
    this.#reader = reader;
    this.#format = format;
    this.#label = label;
    this.#blockBytes = Math.ceil(format.sampleRateHz * BLOCK_S) * format.blockAlign;
  }

  static async openWav(reader: ByteReader, label: string): Promise<PcmDecoder> {
    const format = await readWavFormat(reader, label);
    if (format.channels > MAX_CHANNELS)
      throw unreadable(label, `has ${format.channels} channels; up to ${MAX_CHANNELS} are read. Mix it down first.`);
    return new PcmDecoder(reader, format, label);
  }

  static raw(reader: ByteReader, encoding: SampleEncoding & "s16", sampleRateHz: number, channels: 1 | 2, label: string): PcmDecoder {
    return new PcmDecoder(reader, { encoding, sampleRateHz, channels, blockAlign: channels * 2, dataBytes: undefined }, label);
  }

  async read(): Promise<DecodedBlock | undefined> {
    const { encoding, sampleRateHz, channels, blockAlign, dataBytes } = this.#format;
    for (;;) {
      const left = dataBytes === undefined ? Number.POSITIVE_INFINITY : dataBytes - this.#read;
      const bytes = left > 0 ? await this.#reader.takeSome(Math.min(this.#blockBytes, left)) : undefined;
      if (!bytes) {
        if (dataBytes !== undefined && left >= blockAlign) {
          const bytesPerS = sampleRateHz * blockAlign;
          throw cutOff(this.#label, this.#read / bytesPerS, dataBytes / bytesPerS);
        }
        return undefined;
      }
      this.#read += bytes.length;
      const stored = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes]);
      const wholeBytes = stored.length - (stored.length % blockAlign);
      this.#partial = stored.subarray(wholeBytes);
      if (wholeBytes === 0) continue;
      return { sampleRateHz, channels: downmix(decodeSamples(stored.subarray(0, wholeBytes), encoding, channels), "wav") };
    }
  }

  close(): void {}
}
