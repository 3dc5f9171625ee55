import type { ByteReader } from "./byte-reader.js";

const HEADER_MAX_BYTES = 16;
const FIRST_LOOK_BYTES = 16_384;
const LARGEST_FRAME_BYTES = 1_048_576; // no encoder in use comes near; bounds the search where the file is damaged

/** Cuts a FLAC stream, behind its metadata, into frames. Damaged ones are left out: each has a checksum over its header and one over all. */
export class FlacFrameReader {
  readonly #reader: ByteReader;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** The next whole frame, in a buffer of its own; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const start = await this.#reader.peek(HEADER_MAX_BYTES);
      if (start.length === 0) return undefined;
      if (headerBytes(start, 0) === undefined) {
        await this.#reader.skip(nextSync(start));
        continue;
      }
      const { frameBytes, resumeBytes } = await this.#measure();
      if (frameBytes !== undefined) return (await this.#reader.take(frameBytes)).slice();
      await this.#reader.skip(resumeBytes);
    }
  }

  /**
   * The length of the frame that begins here. A frame ends where its checksum comes out even and another header, or the end,
   * follows. Two headers without that mean that this one is damaged: `resumeBytes` is where to go on.
   */
  async #measure(): Promise<{ frameBytes?: number; resumeBytes: number }> {
    let checksum = 0;
    let at = 0;
    let following: number | undefined;
    for (let look = FIRST_LOOK_BYTES; ; look *= 2) {
      const bytes = await this.#reader.peek(look);
      const ended = bytes.length < look;
      const last = ended ? bytes.length : bytes.length - HEADER_MAX_BYTES;
      for (; at < last; at += 1) {
        checksum = ((checksum << 8) & 0xffff) ^ (frameTable[(checksum >> 8) ^ (bytes[at] ?? 0)] ?? 0);
        const end = at + 1;
        if (bytes[end] !== 0xff || headerBytes(bytes, end) === undefined) continue;
        if (checksum === 0) return { frameBytes: end, resumeBytes: end };
        if (following !== undefined) return { resumeBytes: following };
        following = end;
      }
      if (ended) return checksum === 0 ? { frameBytes: bytes.length, resumeBytes: 0 } : { resumeBytes: following ?? bytes.length };
      if (look >= LARGEST_FRAME_BYTES) return { resumeBytes: following ?? bytes.length - HEADER_MAX_BYTES };
    }
  }
}

/** Where the next frame may begin in `bytes`, of which the first byte is not it. */
function nextSync(bytes: Uint8Array): number {
  const found = bytes.indexOf(0xff, 1);
  return found === -1 ? bytes.length : found;
}

/** Length of the frame header at `offset`, or undefined where there is none: sync code, values that may be, and the right checksum. */
function headerBytes(bytes: Uint8Array, offset: number): number | undefined {
  const [b0, b1, b2, b3, b4] = [0, 1, 2, 3, 4].map((index) => bytes[offset + index] ?? 0) as [number, number, number, number, number];
  if (b0 !== 0xff || (b1 & 0xfe) !== 0xf8) return undefined;
  const blockSizeCode = b2 >> 4;
  const rateCode = b2 & 15;
  if (blockSizeCode === 0 || rateCode === 15 || b3 >> 4 > 10 || (b3 & 1) !== 0) return undefined;
  const leading = Math.clz32(~(b4 << 24)); // the frame's number is coded like a character of UTF-8
  const numberBytes = leading === 0 ? 1 : leading;
  if (leading === 1 || leading > 7) return undefined;
  const sizeBytes = blockSizeCode === 6 ? 1 : blockSizeCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  const length = 4 + numberBytes + sizeBytes + rateBytes;
  let checksum = 0;
  for (let index = 0; index <= length; index += 1) checksum = headerTable[checksum ^ (bytes[offset + index] ?? 0)] ?? 0;
  return checksum === 0 ? length + 1 : undefined;
}

const headerTable = crcTable(8, 0x07);
const frameTable = crcTable(16, 0x8005);

function crcTable(bits: 8 | 16, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1);
  return Uint16Array.from({ length: 256 }, (_, index) => {
    let value = index << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1) value = (value & top ? (value << 1) ^ polynomial : value << 1) & (top * 2 - 1);
    return value;
  });
}
