import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeOggPage, fitsOnPage, oggChecksum, segmentsOf } from "./ogg-page.js";

/** The packets of a page, read back the way RFC 3533 says. */
function packetsOf(page: Buffer): Buffer[] {
  const segments = page.readUInt8(26);
  const packets: Buffer[] = [];
  let offset = 27 + segments;
  let length = 0;
  for (const value of page.subarray(27, 27 + segments)) {
    length += value;
    if (value === 255) continue;
    packets.push(page.subarray(offset, offset + length));
    offset += length;
    length = 0;
  }
  expect(offset).toBe(page.length);
  return packets;
}

describe("an Ogg page", () => {
  it("gives back the packets it was made of, under a checksum that holds", () => {
    const packet = fc.uint8Array({ minLength: 0, maxLength: 1275 });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 40 }), fc.nat(), fc.nat({ max: 2 ** 32 - 1 }), (packets, granule, serialNumber) => {
        fc.pre(fitsOnPage(packets.reduce((sum, each) => sum + segmentsOf(each.byteLength), 0)));
        const page = encodeOggPage({ packets, granulePosition: BigInt(granule), serialNumber, sequenceNumber: 7, last: true });
        expect(packetsOf(page)).toEqual(packets.map((each) => Buffer.from(each)));
        expect(page.readBigInt64LE(6)).toBe(BigInt(granule));
        const checksum = page.readUInt32LE(22);
        page.writeUInt32LE(0, 22);
        expect(oggChecksum(page)).toBe(checksum);
      }),
    );
  });

  it("carries the checksum of the specification's polynomial", () => {
    expect(oggChecksum(Buffer.from("123456789"))).toBe(0x89a1897f);
  });
});
