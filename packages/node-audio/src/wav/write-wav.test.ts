import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import type { AudioFrame } from "@roomtone/core";
import { FakeCapture, framesOf, noise, sine, withFolder } from "@roomtone/testing";
import { describe, expect, test } from "vitest";
import { wavFileHeader } from "./wav-header.js";
import { writeWav } from "./write-wav.js";

const folder = withFolder();

async function* each(frames: readonly AudioFrame[]): AsyncGenerator<AudioFrame> {
  yield* frames;
}

/** Samples of a 16-bit WAV, found as any reader finds them. */
function samplesIn(wav: Buffer): { samples: Int16Array; declaredBytes: number; channels: number } {
  let at = 12;
  while (wav.toString("latin1", at, at + 4) !== "data") at += 8 + wav.readUInt32LE(at + 4);
  const data = wav.subarray(at + 8);
  const samples = new Int16Array(Math.floor(data.length / 2));
  for (let index = 0; index < samples.length; index += 1) samples[index] = data.readInt16LE(index * 2);
  return { samples, declaredBytes: wav.readUInt32LE(at + 4), channels: wav.readUInt16LE(wav.indexOf("fmt ") + 10) };
}

const pipedBytes = async (readable: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const second = noise({ durationMs: 1000, channels: 2 });
const stereo = { sampleRateHz: 48_000, channels: 2 } as const;

describe("a WAV file", () => {
  test("holds every sample, and says how many", async () => {
    const path = join(folder(), "whole.wav");
    const written = await writeWav(each(framesOf(second, stereo)), path, { format: stereo });
    expect(written).toEqual({ durationMs: 1000, reason: "source-ended" });
    const { samples, declaredBytes, channels } = samplesIn(await readFile(path));
    expect([declaredBytes, channels]).toEqual([second.length * 2, 2]);
    expect(samples).toEqual(second);
  });

  test("is complete but for its last second while it is being written", async () => {
    const path = join(folder(), "growing.wav");
    const capture = new FakeCapture({ channels: 2 });
    const abort = new AbortController();
    const writing = writeWav(capture.frames({ capacityMs: 10_000 }), path, { format: stereo, signal: abort.signal });
    capture.push(250);
    await expect.poll(async () => (await stat(path)).size, { timeout: 10_000 }).toBeGreaterThanOrEqual(80 + 250 * 1920);
    const { samples, declaredBytes } = samplesIn(await readFile(path));
    expect(declaredBytes).toBeGreaterThanOrEqual(150 * 1920);
    expect(samples.length * 2).toBeGreaterThanOrEqual(declaredBytes);
    abort.abort();
    expect(await writing).toEqual({ durationMs: 2500, reason: "aborted" });
    expect(samplesIn(await readFile(path)).declaredBytes).toBe(250 * 1920);
    expect(capture.consumerCount).toBe(0);
  });

  test("has silence where audio was missing, so that it is as long as the time was", async () => {
    const path = join(folder(), "gap.wav");
    const capture = new FakeCapture();
    const stream = capture.frames({ capacityMs: 10_000 });
    capture.push(10);
    capture.gap(2300);
    capture.push(10);
    capture.end();
    expect((await writeWav(stream, path)).durationMs).toBe(2500);
    expect(
      samplesIn(await readFile(path))
        .samples.subarray(4800, 4800 + 2300 * 48)
        .every((sample) => sample === 0),
    ).toBe(true);
  });

  test("of no audio is an empty WAV", async () => {
    const path = join(folder(), "empty.wav");
    await writeWav(each([]), path);
    expect(samplesIn(await readFile(path))).toMatchObject({ declaredBytes: 0, samples: new Int16Array(0) });
  });

  test("is completed when its source fails, and the failure is told", async () => {
    const path = join(folder(), "failed.wav");
    const capture = new FakeCapture();
    const stream = capture.frames();
    capture.push(10);
    capture.fail(new Error("unplugged"));
    await expect(writeWav(stream, path)).rejects.toMatchObject({ code: "internal" });
    expect(samplesIn(await readFile(path)).declaredBytes).toBe(9600);
  });

  test("over 4 GiB has a header of 64-bit sizes, in the same place", () => {
    const small = Buffer.from(wavFileHeader(stereo, 1000));
    const large = Buffer.from(wavFileHeader(stereo, 5e9));
    expect([small.length, large.length]).toEqual([80, 80]);
    expect(large.toString("latin1", 0, 4)).toBe("RF64");
    expect(large.readBigUInt64LE(28)).toBe(5_000_000_000n);
  });

  test("mixes frames to its own channels, and refuses another rate", async () => {
    const path = join(folder(), "mixed.wav");
    const mono = framesOf(sine({ frequencyHz: 440, durationMs: 20 }));
    await writeWav(each(mono), path, { format: stereo });
    expect(samplesIn(await readFile(path)).samples.length).toBe(960 * 2);
    const slow = framesOf(sine({ frequencyHz: 440, durationMs: 20, sampleRateHz: 16_000 }), { sampleRateHz: 16_000 });
    await expect(writeWav(each(slow), path)).rejects.toMatchObject({ code: "invalid-settings" });
  });
});

describe("a WAV in a pipe", () => {
  test("begins with a header of unknown length, and stays open", async () => {
    const pipe = new PassThrough();
    const reading = pipedBytes(pipe);
    await writeWav(each(framesOf(second, stereo)), pipe, { format: stereo });
    expect(pipe.writable).toBe(true);
    pipe.end();
    const { samples, declaredBytes } = samplesIn(await reading);
    expect(declaredBytes).toBe(0xff_ff_ff_ff);
    expect(samples).toEqual(second);
  });

  test("takes no more than its reader does", async () => {
    const pipe = new PassThrough({ highWaterMark: 1000 });
    let asked = 0;
    const counted = (async function* () {
      for (const frame of framesOf(second, stereo)) {
        asked += 1;
        yield frame;
      }
    })();
    const writing = writeWav(counted, pipe, { format: stereo });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBeLessThan(5);
    pipe.resume();
    expect(await writing).toMatchObject({ durationMs: 1000 });
  });

  test("ends quietly when its reader goes, also between frames", async () => {
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })) });
    expect(await writeWav(each(framesOf(second, stereo)), gone, { format: stereo })).toMatchObject({ reason: "reader-closed" });
    const capture = new FakeCapture();
    const pipe = new PassThrough();
    const writing = writeWav(capture.frames(), pipe);
    await capture.consumer();
    pipe.destroy();
    expect(await writing).toMatchObject({ reason: "reader-closed" });
    expect(capture.consumerCount).toBe(0);
  });

  test("ends on an abort although its reader has stopped reading and its source says nothing", async () => {
    const stuck = new Writable({ write: () => {} });
    const abort = new AbortController();
    const writing = writeWav(each(framesOf(second, stereo)), stuck, { format: stereo, signal: abort.signal });
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    expect(await writing).toMatchObject({ reason: "aborted" });
    const silent = (async function* (): AsyncGenerator<AudioFrame> {
      await new Promise(() => {});
    })();
    expect(await writeWav(silent, new PassThrough(), { signal: AbortSignal.abort() })).toMatchObject({ reason: "aborted" });
  });
});

describe("an output that cannot be written", () => {
  test("says why, and what to do", async () => {
    const cases: ReadonlyArray<readonly [string, string, RegExp]> = [
      [join(folder(), "no", "such", "folder.wav"), "output-unwritable", /folder does not exist/],
      [folder(), "output-unwritable", /is a folder/],
      ["/dev/full", "disk-full", /disk is full/],
    ];
    for (const [path, code, message] of cases) {
      await expect(writeWav(each(framesOf(second, stereo)), path, { format: stereo })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
        details: { path },
      });
    }
  });

  test("for want of permission or room says so", async () => {
    for (const [code, ours] of [
      ["ENOSPC", "disk-full"],
      ["EACCES", "output-unwritable"],
      ["EIO", "output-unwritable"],
    ] as const) {
      const broken = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error("vendor text"), { code })) });
      await expect(writeWav(each(framesOf(second, stereo)), broken, { format: stereo })).rejects.toMatchObject({
        code: ours,
        message: expect.not.stringContaining("vendor"),
      });
    }
  });

  test("leaves no file open", async () => {
    const before = await open(folder(), "r").then(async (handle) => {
      await handle.close();
      return process.getActiveResourcesInfo().length;
    });
    await writeWav(each(framesOf(second, stereo)), "/dev/full", { format: stereo }).catch(() => {});
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
  });
});
