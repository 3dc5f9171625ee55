import { RoomtoneError } from "@roomtone/core";
import type { ByteReader } from "./byte-reader.js";
import { unreadable } from "./input-errors.js";
import { type OggPage, OggPageReader } from "./ogg-pages.js";
import { opusPacketSamples, parseOpusHeader } from "./opus-header.js";

const SAMPLE_RATE_HZ = 48_000;
/** A longer hole in the granule positions is a seek or a damaged page, and nothing to wait through. */
const LONGEST_GAP_SAMPLES = 10 * SAMPLE_RATE_HZ;

/** One packet of an Ogg Opus file, not decoded. */
export interface OggOpusPacket {
  readonly payload: Uint8Array;
  /** From the beginning of the file's audio, over all links of a chain. */
  readonly positionSamples: number;
  readonly durationSamples: number;
  /** Audio is missing before it, or another stream of the chain begins with it. */
  readonly discontinuity: boolean;
}

interface Link {
  readonly serial: number;
  commentsSeen: boolean;
  /** Granule position after the last packet; undefined before the first page of audio. */
  granule: number | undefined;
  partial: Uint8Array[];
}

/** Reads the packets of Ogg Opus with their times by granule position (RFC 7845), chained streams one after the other. */
export class OggOpusPacketReader {
  readonly channels: 1 | 2;
  readonly #pages: OggPageReader;
  readonly #label: string;
  #link: Link;
  #queue: OggOpusPacket[] = [];
  #positionSamples = 0;
  #discontinuity = false;

  private constructor(pages: OggPageReader, label: string, link: Link, channels: 1 | 2) {
    this.#pages = pages;
    this.#label = label;
    this.#link = link;
    this.channels = channels;
  }

  /** @throws RoomtoneError `input-unreadable` where it is no Ogg Opus; `unsupported` where it has more than two channels */
  static async open(reader: ByteReader, label: string): Promise<OggOpusPacketReader> {
    const pages = new OggPageReader(reader);
    for (let page = await pages.next(); page?.beginsStream; page = await pages.next()) {
      const head = page.pieces[0];
      if (head && isOpusHead(head)) return new OggOpusPacketReader(pages, label, newLink(page.serial), channelsOf(head, label));
    }
    throw unreadable(label, "is no Ogg Opus. Only that is published without decoding: leave pass-through out for other files.");
  }

  /** @throws RoomtoneError `input-unreadable` where the file ends inside a page */
  async next(): Promise<OggOpusPacket | undefined> {
    for (;;) {
      const packet = this.#queue.shift();
      if (packet) return packet;
      const page = await this.#pages.next();
      if (page) this.#take(page);
      else if (!this.#pages.cutOff) return undefined;
      else {
        const playedS = (this.#positionSamples / SAMPLE_RATE_HZ).toFixed(1);
        throw unreadable(this.#label, `is cut off: ${playedS} s could be played. Copy or download it again.`);
      }
    }
  }

  #take(page: OggPage): void {
    if (page.beginsStream) {
      const head = page.pieces[0];
      if (!this.#link.commentsSeen || !head || !isOpusHead(head)) return; // a stream beside ours
      channelsOf(head, this.#label);
      this.#link = newLink(page.serial);
      this.#discontinuity = this.#positionSamples > 0;
      return;
    }
    const link = this.#link;
    if (page.serial !== link.serial) return;
    const packets = completePackets(link, page);
    if (!link.commentsSeen && packets.length > 0) {
      packets.shift();
      link.commentsSeen = true;
    }
    const timed = packets.map((payload) => ({ payload, durationSamples: opusPacketSamples(payload) })).filter(isPacket);
    if (timed.length === 0) return;
    const pageSamples = timed.reduce((sum, { durationSamples }) => sum + durationSamples, 0);
    this.#bridge(link, page, pageSamples);
    const start = link.granule ?? 0;
    let granule = start;
    for (const { payload, durationSamples } of timed) {
      // The last page says where the sound ends: packets wholly beyond it are not to be heard.
      if (page.endsStream && page.granulePosition !== undefined && granule > start && granule >= page.granulePosition) break;
      this.#queue.push({ payload, durationSamples, positionSamples: this.#positionSamples, discontinuity: this.#discontinuity });
      this.#discontinuity = false;
      this.#positionSamples += durationSamples;
      granule += durationSamples;
    }
    link.granule = granule;
  }

  /** Where the page says that audio is missing before it, its time passes. */
  #bridge(link: Link, { granulePosition, endsStream }: OggPage, pageSamples: number): void {
    if (granulePosition === undefined) return;
    const startsAt = granulePosition - pageSamples;
    // A stream cut out of a longer one does not begin at 0; a last page may end before its last packet does.
    if (link.granule === undefined) link.granule = endsStream ? Math.min(0, granulePosition) : startsAt;
    const gapSamples = startsAt - link.granule;
    const endsInside = endsStream && gapSamples < 0 && granulePosition >= link.granule;
    if (gapSamples === 0 || endsInside) return;
    this.#discontinuity = true;
    if (gapSamples > 0 && gapSamples <= LONGEST_GAP_SAMPLES) this.#positionSamples += gapSamples;
    link.granule = startsAt;
  }
}

function channelsOf(head: Uint8Array, label: string): 1 | 2 {
  const { channels, streams } = parseOpusHeader(head, label);
  if (streams === 1 && channels <= 2) return channels === 1 ? 1 : 2;
  throw new RoomtoneError(
    "unsupported",
    `${label} has ${channels} channels, and a room takes two. Publish it decoded, which mixes it down.`,
  );
}

function newLink(serial: number): Link {
  return { serial, commentsSeen: false, granule: undefined, partial: [] };
}

function isPacket({ durationSamples }: { readonly durationSamples: number }): boolean {
  return durationSamples > 0;
}

function isOpusHead(packet: Uint8Array): boolean {
  return Buffer.from(packet.subarray(0, 8)).toString("latin1") === "OpusHead";
}

function completePackets(link: Link, page: OggPage): Uint8Array[] {
  if (!page.continued) link.partial = [];
  const packets: Uint8Array[] = [];
  page.pieces.forEach((piece, index) => {
    // The beginning of a continued packet may have been on a page that was damaged.
    if (index === 0 && page.continued && link.partial.length === 0) return;
    link.partial.push(piece);
    if (index === page.pieces.length - 1 && page.unfinished) return;
    packets.push(link.partial.length === 1 ? piece : Buffer.concat(link.partial));
    link.partial = [];
  });
  return packets;
}
