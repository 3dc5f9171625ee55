import type { FLACDecoder } from "@wasm-audio-decoders/flac";
import type { ByteReader } from "./byte-reader.js";
import type { DecodedBlock, Decoder } from "./decoder.js";
import { downmix } from "./downmix.js";
import { FlacFrameReader } from "./flac-frames.js";
import { cutOff, unreadable } from "./input-errors.js";
import { quietly } from "./quietly.js";

interface StreamInfo {
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  /** 0: the encoder did not know. */
  readonly promised: number;
}

/**
 * FLAC, a frame (some 90 ms) at a time. The vendor's own parser buffers half a megabyte when it meets damage, and loses it:
 * frames are cut here, and it decodes them.
 */
export class FlacDecoder implements Decoder {
  readonly #frames: FlacFrameReader;
  readonly #label: string;
  readonly #decoder: FLACDecoder;
  readonly #info: StreamInfo;
  #decoded = 0;
  #closed = false;

  private constructor(frames: FlacFrameReader, label: string, decoder: FLACDecoder, info: StreamInfo) {
    this.#frames = frames;
    this.#label = label;
    this.#decoder = decoder;
    this.#info = info;
  }

  static async open(reader: ByteReader, label: string): Promise<FlacDecoder> {
    const info = await readMetadata(reader, label);
    const { FLACDecoder } = await import("@wasm-audio-decoders/flac");
    const decoder = new FLACDecoder();
    await decoder.ready;
    return new FlacDecoder(new FlacFrameReader(reader), label, decoder, info);
  }

  async read(): Promise<DecodedBlock | undefined> {
    const { sampleRateHz, bitsPerSample, promised } = this.#info;
    for (;;) {
      const frame = await this.#frames.next();
      if (this.#closed) return undefined;
      if (!frame) {
        if (this.#decoded < promised) throw cutOff(this.#label, this.#decoded / sampleRateHz, promised / sampleRateHz);
        return undefined;
      }
      // It decodes before it returns its promise, so this is quiet.
      const { channelData, samplesDecoded } = await quietly(() => this.#decoder.decodeFrames([frame]));
      if (samplesDecoded === 0) continue;
      this.#decoded += samplesDecoded;
      // The vendor takes the largest positive sample for 1, everything else here its negative: this makes 16 bits exact.
      const scale = 1 - 2 ** (1 - bitsPerSample);
      return {
        sampleRateHz,
        channels: downmix(
          channelData.map((samples) => samples.map((sample) => sample * scale)),
          "wav",
        ),
      };
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#decoder.free();
  }
}

/** Reads to the first frame. */
async function readMetadata(reader: ByteReader, label: string): Promise<StreamInfo> {
  await reader.skip(4); // "fLaC"
  let info: StreamInfo | undefined;
  for (;;) {
    const head = await reader.take(4);
    const [kind = 0, ...size] = head;
    const length = size.reduce((sum, byte) => sum * 256 + byte, 0);
    if (head.length < 4) throw unreadable(label, "is a FLAC without audio: it ends in its header. Record or download it again.");
    if ((kind & 0x7f) === 0 && length >= 18) {
      const block = await reader.take(length);
      const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
      if (block.length < length) continue;
      info = {
        sampleRateHz: view.getUint32(10) >>> 12,
        bitsPerSample: ((view.getUint16(12) >> 4) & 0x1f) + 1,
        promised: (view.getUint8(13) & 0x0f) * 2 ** 32 + view.getUint32(14),
      };
    } else await reader.skip(length);
    if ((kind & 0x80) === 0) continue;
    if (!info || info.sampleRateHz < 1000) throw unreadable(label, "is a broken FLAC: its header makes no sense.");
    return info;
  }
}
