/** Longest page body: 255 segments of 255 bytes. */
const MAX_SEGMENTS = 255;

export interface OggPage {
  /** Of the packets that end on this page, the last one's position; in Opus samples at 48 kHz with the pre-skip. */
  readonly granulePosition: bigint;
  readonly serialNumber: number;
  readonly sequenceNumber: number;
  readonly first?: boolean;
  readonly last?: boolean;
  /** Whole packets. */
  readonly packets: readonly Uint8Array[];
}

/** Lacing values that a packet of `byteLength` takes: a page holds 255 of them. */
export function segmentsOf(byteLength: number): number {
  return Math.floor(byteLength / 255) + 1;
}

/** Whether packets that take `segments` fit on one page. */
export function fitsOnPage(segments: number): boolean {
  return segments <= MAX_SEGMENTS;
}

/** The bytes of one Ogg page (RFC 3533, section 6), checksum included. */
export function encodeOggPage(page: OggPage): Buffer {
  const lacing: number[] = [];
  for (const packet of page.packets) {
    for (let left = packet.byteLength; left >= 255; left -= 255) lacing.push(255);
    lacing.push(packet.byteLength % 255);
  }
  const headerLength = 27 + lacing.length;
  const bytes = Buffer.alloc(headerLength + page.packets.reduce((sum, packet) => sum + packet.byteLength, 0));
  bytes.write("OggS", 0, "latin1");
  bytes.writeUInt8((page.first ? 2 : 0) | (page.last ? 4 : 0), 5);
  bytes.writeBigInt64LE(page.granulePosition, 6);
  bytes.writeUInt32LE(page.serialNumber, 14);
  bytes.writeUInt32LE(page.sequenceNumber, 18);
  bytes.writeUInt8(lacing.length, 26);
  bytes.set(lacing, 27);
  let offset = headerLength;
  for (const packet of page.packets) {
    bytes.set(packet, offset);
    offset += packet.byteLength;
  }
  bytes.writeUInt32LE(oggChecksum(bytes), 22);
  return bytes;
}

/** CRC-32 with the polynomial 0x04c11db7, neither reflected nor inverted: not the one of zip files, so no library's. */
export function oggChecksum(bytes: Uint8Array): number {
  let checksum = 0;
  for (const byte of bytes) checksum = ((checksum << 8) ^ (checksumTable[((checksum >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return checksum;
}

const checksumTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value & 0x80000000 ? 0x04c11db7 : 0);
  return value >>> 0;
});
