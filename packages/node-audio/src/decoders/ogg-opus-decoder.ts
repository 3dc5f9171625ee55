import type { OpusDecoder } from "opus-decoder";
import type { ByteReader } from "./byte-reader.js";
import type { DecodedBlock, Decoder } from "./decoder.js";
import { downmix } from "./downmix.js";
import { unreadable } from "./input-errors.js";
import { type OggPage, OggPageReader } from "./ogg-pages.js";
import { type OpusHeader, opusPacketSamples, parseOpusHeader } from "./opus-header.js";
import { quietly } from "./quietly.js";

const SAMPLE_RATE_HZ = 48_000;
const SAMPLES_PER_READ = 7200; // 150 ms: a page holds a second, and packets last from 2.5 to 120 ms

/** One link of a chain: an Opus stream from its header to its end. */
interface Link {
  readonly serial: number;
  readonly header: OpusHeader;
  readonly decoder: OpusDecoder;
  /** Packets before audio: the comments. */
  commentsSeen: boolean;
  /** Decoded so far, the pre-skip included. */
  position: number;
  /** Granule position of the link's first sample; a stream cut out of a longer one does not begin at 0. */
  origin: number | undefined;
  partial: Uint8Array[];
}

interface QueuedPacket {
  readonly link: Link;
  readonly packet: Uint8Array;
  /** Position after which nothing is to be heard: the last page says how much of its last packet counts. */
  readonly endPosition: number;
}

/**
 * Ogg Opus: pre-skip, end trimming and output gain as RFC 7845 asks, chained streams one after the other.
 * A stream without its last page is taken as it is: live recordings end so. One that ends inside a page is cut off.
 */
export class OggOpusDecoder implements Decoder {
  readonly #pages: OggPageReader;
  readonly #label: string;
  #link: Link | undefined;
  #queue: QueuedPacket[] = [];
  #played = 0;
  #ended = false;
  #closed = false;

  private constructor(pages: OggPageReader, label: string) {
    this.#pages = pages;
    this.#label = label;
  }

  static async open(reader: ByteReader, label: string): Promise<OggOpusDecoder> {
    return new OggOpusDecoder(new OggPageReader(reader), label);
  }

  async read(): Promise<DecodedBlock | undefined> {
    while (!this.#closed) {
      const block = this.#decodeQueued();
      if (block) return block;
      if (this.#queue.length > 0) continue;
      const page = this.#ended ? undefined : await this.#pages.next();
      if (this.#closed) return undefined;
      if (page) await this.#take(page);
      else if (this.#pages.cutOff && !this.#ended) {
        this.#ended = true;
        throw unreadable(
          this.#label,
          `is cut off: ${(this.#played / SAMPLE_RATE_HZ).toFixed(1)} s could be played. Copy or download it again.`,
        );
      } else return undefined;
    }
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link?.decoder.free();
  }

  async #take(page: OggPage): Promise<void> {
    if (page.beginsStream) {
      // Streams that run side by side all begin before any audio: a later beginning is the next link of a chain.
      const follows = !this.#link || this.#link.commentsSeen;
      const first = page.pieces[0];
      if (follows && first && isOpusHead(first)) await this.#begin(page.serial, first);
      return;
    }
    const link = this.#link;
    if (!link || page.serial !== link.serial) return;
    const packets = completePackets(link, page);
    if (!link.commentsSeen && packets.length > 0) {
      packets.shift();
      link.commentsSeen = true;
    }
    const pageSamples = packets.reduce((sum, packet) => sum + opusPacketSamples(packet), 0);
    const queuedSamples = this.#queue.reduce((sum, { packet }) => sum + opusPacketSamples(packet), 0);
    if (page.granulePosition !== undefined && packets.length > 0) {
      link.origin ??= page.endsStream ? Math.min(0, page.granulePosition) : page.granulePosition - pageSamples;
    }
    const end =
      page.endsStream && page.granulePosition !== undefined ? page.granulePosition - (link.origin ?? 0) : Number.POSITIVE_INFINITY;
    const endPosition = Math.max(end, link.position + queuedSamples); // a last page that says less than was there already trims itself only
    for (const packet of packets) this.#queue.push({ link, packet, endPosition });
  }

  async #begin(serial: number, head: Uint8Array): Promise<void> {
    const header = parseOpusHeader(head, this.#label);
    const { OpusDecoder } = await import("opus-decoder");
    const decoder = new OpusDecoder({
      channels: header.channels,
      streamCount: header.streams,
      coupledStreamCount: header.coupledStreams,
      channelMappingTable: [...header.mapping],
    });
    await decoder.ready;
    this.#link?.decoder.free();
    if (this.#closed) decoder.free();
    else this.#link = { serial, header, decoder, commentsSeen: false, position: 0, origin: undefined, partial: [] };
  }

  #decodeQueued(): DecodedBlock | undefined {
    const blocks: Float32Array[][] = [];
    let samples = 0;
    while (samples < SAMPLES_PER_READ) {
      const queued = this.#queue.shift();
      if (!queued) break;
      const block = decodePacket(queued);
      samples += block[0]?.length ?? 0;
      blocks.push(block);
    }
    if (samples === 0) return undefined;
    this.#played += samples;
    const channels = (blocks[0] ?? []).map((_, channel) => {
      const joined = new Float32Array(samples);
      let offset = 0;
      for (const block of blocks) {
        joined.set(block[channel] ?? [], offset);
        offset += block[channel]?.length ?? 0;
      }
      return joined;
    });
    return { sampleRateHz: SAMPLE_RATE_HZ, channels: downmix(channels, "vorbis") };
  }
}

/** What of `packet` is to be heard: without pre-skip, and not beyond the link's end. A packet that does not decode is silence. */
function decodePacket({ link, packet, endPosition }: QueuedPacket): Float32Array[] {
  const decoded = quietly(() => decodeOrNothing(link.decoder, packet));
  const { channels, preSkip, gain } = link.header;
  const audio = decoded ?? Array.from({ length: channels }, () => new Float32Array(opusPacketSamples(packet)));
  const length = audio[0]?.length ?? 0;
  const from = Math.min(length, Math.max(0, preSkip - link.position));
  const to = Math.max(from, Math.min(length, endPosition - link.position));
  link.position += length;
  return audio.map((samples) => (gain === 1 ? samples.slice(from, to) : samples.subarray(from, to).map((sample) => sample * gain)));
}

function decodeOrNothing(decoder: OpusDecoder, packet: Uint8Array): Float32Array[] | undefined {
  try {
    const { channelData, samplesDecoded } = decoder.decodeFrame(packet);
    return samplesDecoded > 0 ? channelData : undefined;
  } catch {
    return undefined; // larger than any packet that an encoder makes
  }
}

function completePackets(link: Link, page: OggPage): Uint8Array[] {
  if (!page.continued) link.partial = [];
  const packets: Uint8Array[] = [];
  page.pieces.forEach((piece, index) => {
    // The beginning of a continued packet may have been on a page that was damaged.
    const orphan = index === 0 && page.continued && link.partial.length === 0;
    const whole = index < page.pieces.length - 1 || !page.unfinished;
    if (orphan) return;
    link.partial.push(piece);
    if (!whole) return;
    packets.push(link.partial.length === 1 ? piece : Buffer.concat(link.partial));
    link.partial = [];
  });
  return packets;
}

function isOpusHead(packet: Uint8Array): boolean {
  return Buffer.from(packet.subarray(0, 8)).toString("latin1") === "OpusHead";
}
