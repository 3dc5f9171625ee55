import type { ByteReader } from "./byte-reader.js";

/** One page of an Ogg stream (RFC 3533). */
export interface OggPage {
  readonly serial: number;
  readonly beginsStream: boolean;
  readonly endsStream: boolean;
  /** The first segment goes on with the last packet of the stream's page before. */
  readonly continued: boolean;
  /** Undefined where no packet ends on this page. */
  readonly granulePosition: number | undefined;
  /** Pieces of packets in order; all but the last are ends of packets. */
  readonly pieces: readonly Uint8Array[];
  /** The last piece goes on with the stream's next page. */
  readonly unfinished: boolean;
}

const HEADER_BYTES = 27;
const MAX_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255;

/** Reads pages in order. Damaged ones are left out: each has a checksum, and the next begins with "OggS". */
export class OggPageReader {
  readonly #reader: ByteReader;
  #cutOff = false;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Whether the input ended in the middle of a page. */
  get cutOff(): boolean {
    return this.#cutOff;
  }

  async next(): Promise<OggPage | undefined> {
    for (;;) {
      const header = await this.#reader.peek(HEADER_BYTES);
      if (header.length < HEADER_BYTES) {
        this.#cutOff ||= header.length > 0;
        return undefined;
      }
      if (!hasMark(header, 0)) {
        await this.#seekMark();
        continue;
      }
      const segments = header[26] ?? 0;
      const table = (await this.#reader.peek(HEADER_BYTES + segments)).subarray(HEADER_BYTES);
      const size = HEADER_BYTES + segments + table.reduce((sum, length) => sum + length, 0);
      const bytes = await this.#reader.peek(size);
      if (bytes.length < size) {
        this.#cutOff = true;
        return undefined;
      }
      if (!isIntact(bytes)) {
        await this.#reader.skip(4);
        continue;
      }
      // A copy: packets are kept beyond the next read.
      return parsePage((await this.#reader.take(size)).slice(), segments);
    }
  }

  async #seekMark(): Promise<void> {
    const window = await this.#reader.peek(MAX_PAGE_BYTES);
    let offset = 1;
    while (offset < window.length && !hasMark(window, offset)) offset += 1;
    await this.#reader.skip(offset);
  }
}

function parsePage(bytes: Uint8Array, segments: number): OggPage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(5);
  const granule = view.getBigInt64(6, true);
  const pieces: Uint8Array[] = [];
  let start = HEADER_BYTES + segments;
  let end = start;
  let unfinished = false;
  for (let index = 0; index < segments; index += 1) {
    const length = bytes[HEADER_BYTES + index] ?? 0;
    end += length;
    unfinished = length === 255; // a packet goes on while its segments are full
    if (!unfinished || index === segments - 1) {
      pieces.push(bytes.subarray(start, end));
      start = end;
    }
  }
  return {
    serial: view.getUint32(14, true),
    beginsStream: (flags & 2) !== 0,
    endsStream: (flags & 4) !== 0,
    continued: (flags & 1) !== 0,
    granulePosition: granule === -1n ? undefined : Number(granule),
    pieces,
    unfinished,
  };
}

function hasMark(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] === 0x4f && bytes[offset + 1] === 0x67 && bytes[offset + 2] === 0x67 && bytes[offset + 3] === 0x53;
}

function isIntact(page: Uint8Array): boolean {
  const declared = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(22, true);
  let checksum = 0;
  for (let index = 0; index < page.length; index += 1) {
    const byte = index >= 22 && index < 26 ? 0 : (page[index] ?? 0); // the checksum's own place counts as zero
    checksum = ((checksum << 8) ^ (checksumTable[((checksum >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  }
  return checksum === declared;
}

const checksumTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80_00_00_00 ? (value << 1) ^ 0x04_c1_1d_b7 : value << 1;
  return value;
});
