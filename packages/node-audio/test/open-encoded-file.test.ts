import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EncodedPacket } from "@roomtone/core";
import { openEncodedFile, openTone, recordToFile } from "@roomtone/node-audio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOpusPacket } from "./support/opus-packet.js";

let folder: string;
let take: string;

/** Half a second and more of a tone in packets of 20 ms. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-encoded-"));
  take = join(folder, "take.opus");
  const tone = openTone({ frequencyHz: 440, channels: 2 });
  const recording = await recordToFile(tone, take, { profile: "music" });
  await new Promise((resolve) => setTimeout(resolve, 700)); // what is recorded, not what is waited for
  await recording.close();
  await tone.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function packetsOf(path: string, options: { loop?: boolean; most?: number } = {}): Promise<EncodedPacket[]> {
  const capture = await openEncodedFile(path, options);
  const packets: EncodedPacket[] = [];
  try {
    for await (const packet of capture.packets()) {
      packets.push(packet);
      if (packets.length === options.most) break;
    }
  } finally {
    await capture.close();
    await capture.close();
  }
  return packets;
}

/** Whether each packet begins where the one before ends, but where it says that something is missing: a machine that stands still for long. */
const isSteady = (packets: readonly EncodedPacket[]) =>
  packets.every(({ timestampUs, discontinuity }, index) => {
    const before = packets[index - 1];
    return !before || discontinuity || Math.abs(timestampUs - before.timestampUs - before.durationUs) <= 2;
  });

describe("an Ogg Opus file, published as it is", () => {
  it("gives every packet unchanged, each at the time that the file says", async () => {
    const startMs = performance.now();
    const packets = await packetsOf(take);
    const elapsedMs = performance.now() - startMs;
    expect(packets.length).toBeGreaterThan(20);
    const bytes = await readFile(take);
    for (const { payload, durationUs } of packets) {
      expect(bytes.includes(Buffer.from(payload))).toBe(true);
      expect(durationUs).toBe(readOpusPacket(payload).durationMs * 1000);
    }
    expect(elapsedMs).toBeGreaterThan((packets.length - 2) * 20);
  });

  it("says that it is stereo", async () => {
    const capture = await openEncodedFile(take);
    expect(capture.format).toEqual({ sampleRateHz: 48_000, channels: 2 });
    await capture.close();
  });

  it("plays chained files one after the other, without a hole between them", async () => {
    const bytes = await readFile(take);
    const chained = join(folder, "chained.opus");
    await writeFile(chained, Buffer.concat([bytes, bytes]));
    const [one, both] = [await packetsOf(take), await packetsOf(chained)];
    expect(both.map(({ payload }) => Buffer.from(payload))).toEqual([...one, ...one].map(({ payload }) => Buffer.from(payload)));
    expect(both[one.length]?.discontinuity).toBe(true);
  });

  it("waits through a gap where a page is missing, and marks what follows", async () => {
    const paged = join(folder, "paged.opus");
    const source = ["-f", "lavfi", "-i", "sine=frequency=300:duration=0.5"];
    execFileSync("ffmpeg", ["-v", "error", ...source, "-c:a", "libopus", "-page_duration", "40000", paged]);
    const bytes = await readFile(paged);
    const pages: Buffer[] = [];
    for (let start = 0; start >= 0; ) {
      const next = bytes.indexOf("OggS", start + 4);
      pages.push(bytes.subarray(start, next < 0 ? undefined : next));
      start = next;
    }
    const holed = join(folder, "holed.opus");
    await writeFile(holed, Buffer.concat(pages.filter((_, index) => index !== 4)));
    const [whole, rest] = [await packetsOf(paged), await packetsOf(holed)];
    expect(rest.length).toBeLessThan(whole.length);
    const after = rest.findIndex(({ discontinuity }) => discontinuity);
    expect(after).toBeGreaterThan(0);
    const gapUs = (rest[after]?.timestampUs ?? 0) - (rest[after - 1]?.timestampUs ?? 0) - (rest[after - 1]?.durationUs ?? 0);
    expect(gapUs).toBeGreaterThan(15_000);
  });

  it("loops without end", async () => {
    const once = await packetsOf(take);
    const packets = await packetsOf(take, { loop: true, most: once.length + 5 });
    expect(packets.slice(once.length).map(({ payload }) => Buffer.from(payload))).toEqual(
      once.slice(0, 5).map(({ payload }) => Buffer.from(payload)),
    );
  });

  it("of another encoder plays too", async () => {
    const other = join(folder, "other.opus");
    const source = ["-f", "lavfi", "-i", "sine=frequency=300:duration=0.5", "-ac", "1"];
    execFileSync("ffmpeg", ["-v", "error", ...source, "-c:a", "libopus", "-frame_duration", "60", other]);
    const packets = await packetsOf(other);
    expect(packets.every(({ durationUs }) => durationUs === 60_000)).toBe(true);
    expect(isSteady(packets)).toBe(true);
  });

  it("that is missing, no Ogg Opus, or cut off is input-unreadable", async () => {
    await expect(openEncodedFile(join(folder, "none.opus"))).rejects.toMatchObject({ code: "input-unreadable" });
    const text = join(folder, "text.opus");
    await writeFile(text, "no audio at all".repeat(100));
    await expect(openEncodedFile(text)).rejects.toMatchObject({ code: "input-unreadable" });
    const cut = join(folder, "cut.opus");
    await writeFile(cut, (await readFile(take)).subarray(0, -20));
    await expect(packetsOf(cut)).rejects.toMatchObject({ code: "input-unreadable" });
  });
});
