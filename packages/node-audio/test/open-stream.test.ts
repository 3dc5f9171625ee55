import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { AudioFrame, PcmCapture } from "@roomtone/core";
import { openStream } from "@roomtone/node-audio";
import { channelOf, describePcmCapture, encodeFile, measureTone, pcmBytes, samplesOf, sine, wavBytes } from "@roomtone/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countResources } from "./resources.js";

const tone = sine({ frequencyHz: 440, durationMs: 3000 });

/** `bytes` in chunks of the given lengths, in turn. */
function chunked(bytes: Uint8Array, lengths: readonly number[]): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const length = Math.max(1, lengths[turn % lengths.length] ?? 1);
        yield bytes.subarray(at, at + length);
        at += length;
      }
    })(),
    { objectMode: false },
  );
}

async function hear(capture: PcmCapture, count = Number.POSITIVE_INFINITY): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  for await (const frame of capture.frames({ capacityMs: 2000 })) if (frames.push(frame) >= count) break;
  return frames;
}

describePcmCapture("raw samples from a stream", () => openStream(chunked(pcmBytes(tone), [3331])), { concurrent: true });
describePcmCapture("a WAV from a stream", () => openStream(chunked(wavBytes(tone, { declaredSize: "unknown" }), [65_536])), {
  concurrent: true,
});

test("samples survive chunks cut anywhere, raw or WAV", async () => {
  const samples = sine({ frequencyHz: 440, durationMs: 30, channels: 2 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 9 }), fc.boolean(), async (lengths, raw) => {
      const bytes = raw ? pcmBytes(samples) : wavBytes(samples, { channels: 2, declaredSize: "unknown" });
      const capture = await openStream(chunked(bytes, lengths), { channels: 2 });
      expect(samplesOf(await hear(capture))).toEqual(samples);
      await capture.close();
    }),
    { numRuns: 15 },
  );
});

test("raw samples of another rate keep their pitch", async () => {
  const bytes = pcmBytes(sine({ frequencyHz: 440, durationMs: 400, sampleRateHz: 16_000 }));
  const capture = await openStream(chunked(bytes, [1001]), { format: "s16le", sampleRateHz: 16_000, label: "radio" });
  expect(capture.source).toEqual({ kind: "stream", label: "radio" });
  expect(measureTone(samplesOf(await hear(capture)), { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.99);
});

test("a WAV that sox writes into a pipe is read as it comes", async () => {
  const sox = spawn("sox", ["-n", "-r", "44100", "-c", "2", "-b", "24", "-t", "wav", "-", "synth", "0.5", "sine", "1000"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const capture = await openStream(sox.stdout);
  const samples = samplesOf(await hear(capture));
  expect([capture.format.channels, samples.length]).toEqual([2, 48_000]);
  expect(measureTone(channelOf(samples, 0, 2), { sampleRateHz: 48_000, frequencyHz: 1000 }).purity).toBeGreaterThan(0.99);
});

test("compressed audio is recognised too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "roomtone-stream-"));
  try {
    for (const name of ["tone.mp3", "tone.flac", "tone.opus"]) {
      await encodeFile(join(folder, name), tone);
      const capture = await openStream(chunked(await readFile(join(folder, name)), [777]));
      const samples = samplesOf(await hear(capture, 30));
      await capture.close();
      expect(measureTone(samples, { sampleRateHz: 48_000, frequencyHz: 440 }).purity, name).toBeGreaterThan(0.95);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("a stream", () => {
  test("slower than real time passes as it comes, each gap on the timeline", async () => {
    const source = new PassThrough();
    source.write(pcmBytes(tone.subarray(0, 480 * 5)));
    const capture = await openStream(source);
    const stream = capture.frames();
    const first: AudioFrame[] = [];
    for (let index = 0; index < 5; index += 1) first.push((await stream.next()).value);
    const pending = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 100)); // the gap itself
    source.write(pcmBytes(tone.subarray(0, 480 * 2)));
    const after: AudioFrame = (await pending).value;
    expect(after.discontinuity).toBe(true);
    expect(after.timestampUs - (first[4]?.timestampUs ?? 0)).toBeGreaterThan(90_000);
    // The gap stays on the timeline: what follows it goes on from there, or later where the machine was busy.
    expect((await stream.next()).value.timestampUs).toBeGreaterThanOrEqual(after.timestampUs + 10_000);
    await capture.close();
  });

  test("faster than real time is held back", async () => {
    let asked = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          asked += 1;
          yield pcmBytes(tone.subarray(0, 4800));
        }
      })(),
      { objectMode: false },
    );
    const capture = await openStream(endless);
    await hear(capture, 20);
    expect(asked).toBeLessThan(40);
    await capture.close();
    expect(endless.destroyed).toBe(true);
  });

  test("without audio, with text, of an unread kind or with a WAV's beginning only is refused with a sentence", async () => {
    const cases: ReadonlyArray<readonly [Readable, RegExp, "auto" | "wav"]> = [
      [Readable.from([]), /without any audio/, "auto"],
      [chunked(new Uint8Array(1), [1]), /without any audio/, "auto"],
      [chunked(wavBytes(tone).subarray(0, 44), [5]), /0\.0 s of 3\.0 s/, "auto"],
      [chunked(wavBytes(new Int16Array(0)), [5]), /without any audio/, "auto"],
      [chunked(pcmBytes(tone), [500]), /is no WAV/, "wav"],
      [chunked(Buffer.from(`${"OggS\0\x02".padEnd(28, "\0")}\x01vorbis`), [500]), /Ogg Vorbis/, "auto"],
      [new PassThrough({ encoding: "utf8" }).end(pcmBytes(tone)), /text instead of bytes/, "auto"],
    ];
    for (const [readable, message, format] of cases) {
      await expect(openStream(readable, { format, label: "stdin" })).rejects.toMatchObject({
        code: "input-unreadable",
        message: expect.stringMatching(message),
      });
      expect(readable.destroyed).toBe(true);
    }
    await expect(openStream(new PassThrough(), { sampleRateHz: 0 })).rejects.toMatchObject({ code: "invalid-settings" });
  });

  test("that fails plays what came, then says so", async () => {
    const source = new PassThrough();
    source.write(pcmBytes(tone.subarray(0, 4800)));
    const capture = await openStream(source);
    const stream = capture.frames();
    await stream.next();
    source.destroy(new Error("connection reset, secret=abc"));
    let heard = 1;
    await expect(
      (async () => {
        for await (const _frame of stream) heard += 1;
      })(),
    ).rejects.toMatchObject({ code: "input-unreadable", message: expect.not.stringContaining("secret") });
    expect(heard).toBe(10);
    await capture.close();
  });

  test("that says nothing can be aborted and closed", async () => {
    const abort = new AbortController();
    const silent = new PassThrough();
    const opening = openStream(silent, { signal: abort.signal });
    abort.abort(new Error("enough waited"));
    await expect(opening).rejects.toThrow("enough waited");
    expect(silent.destroyed).toBe(true);
    const source = new PassThrough();
    source.write(pcmBytes(tone.subarray(0, 480)));
    const capture = await openStream(source);
    const listening = hear(capture);
    await capture.close();
    await listening;
    expect(source.destroyed).toBe(true);
  });
});

test("twenty openings and closings leave nothing open", async () => {
  const before = await countResources();
  for (let cycle = 0; cycle < 20; cycle += 1) {
    const capture = await openStream(chunked(wavBytes(tone), [4096]));
    await hear(capture, cycle % 3);
    await capture.close();
  }
  expect(await countResources()).toEqual(before);
});
