import type { MPEGDecoder } from "mpg123-decoder";
import type { ByteReader } from "./byte-reader.js";
import type { DecodedBlock, Decoder } from "./decoder.js";
import { cutOff, unreadable } from "./input-errors.js";
import { findMpegAudio, parseMpegHeader, promisedMpegSamples } from "./mpeg-header.js";
import { quietly } from "./quietly.js";

const SEARCH_BYTES = 65_536; // junk that some files carry in front
const FEED_BYTES = 1024; // 64 ms at 128 kbit/s, a quarter of a second at the lowest rates: under a millisecond of work

/** MP3 (and MP2), gapless where the encoder wrote its delay and padding. */
export class MpegDecoder implements Decoder {
  readonly #reader: ByteReader;
  readonly #label: string;
  readonly #decoder: MPEGDecoder;
  readonly #channels: 1 | 2;
  readonly #sampleRateHz: number;
  readonly #promised: number | undefined;
  #decoded = 0;
  #closed = false;

  private constructor(
    reader: ByteReader,
    label: string,
    decoder: MPEGDecoder,
    first: { sampleRateHz: number; channels: 1 | 2; promised: number | undefined },
  ) {
    this.#reader = reader;
    this.#label = label;
    this.#decoder = decoder;
    this.#channels = first.channels;
    this.#sampleRateHz = first.sampleRateHz;
    this.#promised = first.promised;
  }

  static async open(reader: ByteReader, label: string): Promise<MpegDecoder> {
    const beginning = await reader.peek(SEARCH_BYTES);
    const offset = findMpegAudio(beginning);
    const header = offset === undefined ? undefined : parseMpegHeader(beginning, offset);
    if (offset === undefined || !header)
      throw unreadable(label, "looks like an MP3, but no audio was found in it. Play it with another player.");
    const promised = promisedMpegSamples(beginning.subarray(offset, offset + header.frameBytes), header);
    await reader.skip(offset);
    const { MPEGDecoder } = await import("mpg123-decoder");
    const decoder = new MPEGDecoder();
    await decoder.ready;
    return new MpegDecoder(reader, label, decoder, { sampleRateHz: header.sampleRateHz, channels: header.channels, promised });
  }

  async read(): Promise<DecodedBlock | undefined> {
    for (;;) {
      const bytes = await this.#reader.takeSome(FEED_BYTES);
      if (this.#closed) return undefined;
      if (!bytes) {
        // A frame may be missing at either end without anything being wrong.
        if (this.#promised !== undefined && this.#decoded < this.#promised - 2 * 1152) {
          throw cutOff(this.#label, this.#decoded / this.#sampleRateHz, this.#promised / this.#sampleRateHz);
        }
        return undefined;
      }
      const { channelData, samplesDecoded, sampleRate } = quietly(() => this.#decoder.decode(bytes));
      if (samplesDecoded === 0) continue;
      this.#decoded += samplesDecoded;
      // The decoder always gives two channels; for mono they are the same.
      return { sampleRateHz: sampleRate, channels: channelData.slice(0, this.#channels) };
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#decoder.free();
  }
}
