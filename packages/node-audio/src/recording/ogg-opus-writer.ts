import { encodeOggPage, fitsOnPage, segmentsOf } from "./ogg-page.js";

/** What a crash may cost: packets wait at most this long for their page. */
const PAGE_DURATION_SAMPLES = 24_000; // 500 ms at 48 kHz

export interface OggOpusWriterOptions {
  readonly channels: 1 | 2;
  /** Samples at 48 kHz that the encoder needs before its first output: a player throws them away. */
  readonly preSkip: number;
  /** Any number that tells this stream from others in a chain. */
  readonly serialNumber: number;
}

/** Turns Opus packets into the pages of an Ogg Opus stream (RFC 7845). What it returns is to be written in order, whole. */
export class OggOpusWriter {
  readonly #options: OggOpusWriterOptions;
  #sequenceNumber = 0;
  #packets: Uint8Array[] = [];
  #segments = 0;
  #pageSamples = 0;
  /** Position after the packets of all pages so far. */
  #granule = 0;

  constructor(options: OggOpusWriterOptions) {
    this.#options = options;
  }

  /** The two pages that come first. */
  header(): Buffer {
    const { channels, preSkip } = this.#options;
    const head = Buffer.alloc(19);
    head.write("OpusHead", 0, "latin1");
    head.writeUInt8(1, 8);
    head.writeUInt8(channels, 9);
    head.writeUInt16LE(preSkip, 10);
    head.writeUInt32LE(48_000, 12);
    return Buffer.concat([this.#page([head], 0, { first: true }), this.#page([commentHeader()], 0)]);
  }

  /** Adds one packet of `samples` at 48 kHz; the page that is complete before it, mostly none. One packet always waits, for the last page. */
  push(packet: Uint8Array, samples: number): Buffer {
    const segments = segmentsOf(packet.byteLength);
    const due = this.#pageSamples >= PAGE_DURATION_SAMPLES || !fitsOnPage(this.#segments + segments);
    const page = due ? this.#flush() : Buffer.alloc(0);
    this.#packets.push(packet);
    this.#segments += segments;
    this.#pageSamples += samples;
    return page;
  }

  /** The page that ends the stream. `totalSamples`: of audio, without the pre-skip; a player plays exactly that many. */
  end(totalSamples: number): Buffer {
    return this.#page(this.#take(), this.#options.preSkip + totalSamples, { last: true });
  }

  #flush(): Buffer {
    this.#granule += this.#pageSamples;
    return this.#page(this.#take(), this.#granule);
  }

  #take(): Uint8Array[] {
    this.#segments = 0;
    this.#pageSamples = 0;
    return this.#packets.splice(0);
  }

  #page(packets: readonly Uint8Array[], granulePosition: number, flags: { first?: boolean; last?: boolean } = {}): Buffer {
    const { serialNumber } = this.#options;
    const sequenceNumber = this.#sequenceNumber++;
    return encodeOggPage({ packets, granulePosition: BigInt(granulePosition), serialNumber, sequenceNumber, ...flags });
  }
}

function commentHeader(): Buffer {
  const vendor = Buffer.from("Roomtone");
  const header = Buffer.alloc(8 + 4 + vendor.length + 4);
  header.write("OpusTags", 0, "latin1");
  header.writeUInt32LE(vendor.length, 8);
  vendor.copy(header, 12);
  return header; // no comments: their count is 0
}
