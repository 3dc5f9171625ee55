import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { EncodedCapture, EncodedPacket } from "@roomtone/core";
import { openEncodedStream } from "@roomtone/node-audio";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "roomtone-encoded-stream-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An Ogg Opus stream of 300 ms in packets of 20, a page of two packets each. */
function toneBytes(frequencyHz: number, channels = 1): Buffer {
  const path = join(folder, `${frequencyHz}-${channels}.opus`);
  const source = ["-f", "lavfi", "-i", `sine=frequency=${frequencyHz}:duration=0.3`, "-ac", `${channels}`];
  execFileSync("ffmpeg", ["-v", "error", ...source, "-c:a", "libopus", "-page_duration", "40000", path]);
  return readFileSync(path);
}
const [low, high] = [toneBytes(300), toneBytes(1000)];

function pagesOf(bytes: Buffer): Buffer[] {
  const pages: Buffer[] = [];
  for (let start = 0; start >= 0; ) {
    const next = bytes.indexOf("OggS", start + 4);
    pages.push(bytes.subarray(start, next < 0 ? undefined : next));
    start = next;
  }
  return pages;
}

async function packetsOf(capture: EncodedCapture, onPacket: (packet: EncodedPacket) => void = () => {}): Promise<EncodedPacket[]> {
  const packets: EncodedPacket[] = [];
  for await (const packet of capture.packets()) {
    packets.push(packet);
    onPacket(packet);
  }
  await capture.close();
  return packets;
}

const open = async (...chunks: Uint8Array[]) => packetsOf(await openEncodedStream(Readable.from(chunks)));
const inHex = (packets: readonly EncodedPacket[]) => packets.map(({ payload }) => Buffer.from(payload).toString("hex"));
/** Time without audio before each packet, in milliseconds. */
const gapsMs = (packets: readonly EncodedPacket[]) =>
  packets.slice(1).map(({ timestampUs }, index) => {
    const before = packets[index];
    return Math.round((timestampUs - (before?.timestampUs ?? 0) - (before?.durationUs ?? 0)) / 1000);
  });

// Each plays in real time, so all at once.
describe.concurrent("a stream of Ogg Opus, published as it is", () => {
  it("goes on with each stream of a chain, whatever the chunks that it comes in", async () => {
    const [one, other] = [await open(low), await open(high)];
    const chain = Buffer.concat([low, high]);
    const sizes = [1, 27, 300, 4096];
    const chunks: Buffer[] = [];
    for (let at = 0, size = 0; at < chain.length; at += size) {
      size = sizes[chunks.length % sizes.length] ?? 1;
      chunks.push(chain.subarray(at, at + size));
    }
    const packets = await open(...chunks);
    expect(inHex(packets)).toEqual(inHex([...one, ...other]));
    const begins = packets.flatMap(({ discontinuity }, index) => (discontinuity ? [index] : []));
    expect(begins).toContain(one.length);
  });

  it("lets the time of a missing page pass, and marks what follows", async () => {
    const pages = pagesOf(low);
    const whole = await open(low);
    const holed = await open(Buffer.concat(pages.filter((_, index) => index !== 4)));
    const missing = whole.length - holed.length;
    expect(missing).toBeGreaterThan(0);
    const after = holed.findIndex(({ discontinuity }, index) => discontinuity && (gapsMs(holed)[index - 1] ?? 0) >= missing * 20);
    expect(after).toBeGreaterThan(0);
    expect(inHex(holed)).toEqual(inHex(whole).filter((_, index) => index < after || index >= after + missing));
  });

  it("passes what comes late as it comes, marked, and loses nothing of it", async () => {
    const pages = pagesOf(low);
    const source = new PassThrough();
    source.write(Buffer.concat(pages.slice(0, 4)));
    const capture = await openEncodedStream(source);
    let resumedUs = 0;
    let heard = 0;
    const packets = await packetsOf(capture, () => {
      heard += 1;
      if (heard !== 4) return;
      // The source pauses when all that came was played.
      setTimeout(() => {
        resumedUs = performance.now() * 1000;
        source.end(Buffer.concat(pages.slice(4)));
      }, 300);
    });
    expect(inHex(packets)).toEqual(inHex(await open(low)));
    const late = packets[4];
    expect(late?.discontinuity).toBe(true);
    expect(late?.timestampUs).toBeGreaterThanOrEqual(resumedUs - 1000);
    expect(gapsMs(packets)[3]).toBeGreaterThan(100);
  });

  it("goes on with the next page after bytes that are none", async () => {
    const [one, other] = [await open(low), await open(high)];
    const packets = await open(low, Buffer.from("not a page at all ".repeat(20)), high);
    expect(inHex(packets)).toEqual(inHex([...one, ...other]));
  });

  it("that ends inside a page gives what came before, and then input-unreadable", async () => {
    const heard: EncodedPacket[] = [];
    const capture = await openEncodedStream(Readable.from([low.subarray(0, -20)]));
    await expect(packetsOf(capture, (packet) => heard.push(packet))).rejects.toMatchObject({ code: "input-unreadable" });
    const whole = inHex(await open(low));
    expect(heard.length).toBeGreaterThan(5);
    expect(inHex(heard)).toEqual(whole.slice(0, heard.length));
    await capture.close();
  });
});
