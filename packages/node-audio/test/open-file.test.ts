import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AudioFrame, PcmCapture } from "@roomtone/core";
import { openFile } from "@roomtone/node-audio";
import { channelOf, describePcmCapture, encodeFile, interleave, measureTone, samplesOf, sine, wavBytes } from "@roomtone/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countResources } from "./resources.js";

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-files-"));
  const stereo44 = { sampleRateHz: 44_100, channels: 2 };
  const tones = interleave(
    sine({ frequencyHz: 440, durationMs: 4000, sampleRateHz: 44_100 }),
    sine({ frequencyHz: 1000, durationMs: 4000, sampleRateHz: 44_100 }),
  );
  await Promise.all([
    writeFile(at("stereo.wav"), wavBytes(tones, stereo44)),
    encodeFile(at("stereo.mp3"), tones, stereo44),
    encodeFile(at("stereo.opus"), tones, stereo44),
    encodeFile(at("stereo.flac"), tones, stereo44),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

async function hear(capture: PcmCapture, count = Number.POSITIVE_INFINITY): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  for await (const frame of capture.frames({ capacityMs: 2000 })) if (frames.push(frame) >= count) break;
  return frames;
}

describePcmCapture("a WAV file", () => openFile(at("stereo.wav")), { concurrent: true });
describePcmCapture("a looped FLAC file", () => openFile(at("stereo.flac"), { loop: true }), { concurrent: true });
describePcmCapture("an MP3 file", () => openFile(at("stereo.mp3")), { concurrent: true });
describePcmCapture("an Ogg Opus file", () => openFile(at("stereo.opus")), { concurrent: true });

test.for(["wav", "mp3", "opus", "flac"])("a 44.1 kHz stereo %s keeps its pitch and its channels", async (ending) => {
  const capture = await openFile(at(`stereo.${ending}`));
  expect(capture).toMatchObject({
    source: { kind: "file", label: `stereo.${ending}` },
    format: { sampleRateHz: 48_000, channels: 2 },
    overflow: "wait",
  });
  const samples = samplesOf(await hear(capture, 60));
  await capture.close();
  expect(measureTone(channelOf(samples, 0, 2), { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.99);
  expect(measureTone(channelOf(samples, 1, 2), { sampleRateHz: 48_000, frequencyHz: 1000 }).purity).toBeGreaterThan(0.99);
});

test("a file plays in its own time, and then ends", async () => {
  await writeFile(at("short.wav"), wavBytes(sine({ frequencyHz: 440, durationMs: 505 })));
  const capture = await openFile(at("short.wav"));
  const startMs = performance.now();
  const frames = await hear(capture);
  const tookMs = performance.now() - startMs;
  expect(frames).toHaveLength(51); // the last half is silence
  expect(tookMs).toBeGreaterThan(480);
  expect(await hear(capture)).toEqual([]);
  await capture.close();
});

test("a loop has no gap: whole periods go on as one tone", async () => {
  await writeFile(at("loop.wav"), wavBytes(sine({ frequencyHz: 1000, durationMs: 55 })));
  const capture = await openFile(at("loop.wav"), { loop: true });
  const samples = samplesOf(await hear(capture, 50));
  await capture.close();
  const expected = sine({ frequencyHz: 1000, durationMs: 55 });
  expect(samples.every((sample, index) => sample === expected[index % expected.length])).toBe(true);
});

test("a file that is removed while it loops plays on", async () => {
  await writeFile(at("removed.wav"), wavBytes(sine({ frequencyHz: 1000, durationMs: 50 })));
  const capture = await openFile(at("removed.wav"), { loop: true });
  await unlink(at("removed.wav"));
  expect(await hear(capture, 20)).toHaveLength(20);
  await capture.close();
});

test("a file that is cut off plays to its end and then says so, to every consumer", async () => {
  await writeFile(at("cut.wav"), wavBytes(sine({ frequencyHz: 440, durationMs: 1000 })).subarray(0, 44 + 9600));
  const capture = await openFile(at("cut.wav"));
  const stream = capture.frames();
  for (let index = 0; index < 10; index += 1) expect((await stream.next()).done).toBe(false);
  await expect(stream.next()).rejects.toMatchObject({
    code: "input-unreadable",
    message: expect.stringContaining("cut.wav is damaged or cut off: 0.1 s of 1.0 s"),
  });
  await expect(capture.frames().next()).rejects.toMatchObject({ code: "input-unreadable" });
  await capture.close();
});

describe("a file that cannot be played is refused before anything is published", () => {
  test("with what is wrong and what to do", async () => {
    await mkdir(at("folder.wav"));
    execFileSync("mkfifo", [at("pipe.wav")]);
    await writeFile(at("empty.wav"), "");
    await writeFile(at("notes.wav"), "not audio at all, only words ".repeat(50));
    await writeFile(at("silent.wav"), wavBytes(new Int16Array(0)));
    await encodeFile(at("song.m4a"), sine({ frequencyHz: 440, durationMs: 200 }));
    const cases: ReadonlyArray<readonly [string, RegExp]> = [
      [at("missing.wav"), /missing\.wav does not exist/],
      [join(at("empty.wav"), "below"), /no folder/],
      [at("folder.wav"), /is a folder/],
      [at("pipe.wav"), /is no regular file/],
      [at("empty.wav"), /is empty/],
      [at("notes.wav"), /not audio/],
      [at("silent.wav"), /contains no audio/],
      [at("song.m4a"), /AAC.*ffmpeg/],
      ["/dev/null", /as a stream/],
    ];
    for (const [path, message] of cases) {
      await expect(openFile(path)).rejects.toMatchObject({
        code: "input-unreadable",
        message: expect.stringMatching(message),
        details: { path },
      });
    }
  });

  test("and an abort rejects with its reason", async () => {
    await expect(openFile(at("stereo.wav"), { signal: AbortSignal.abort(new Error("changed my mind")) })).rejects.toThrow(
      "changed my mind",
    );
    const abort = new AbortController();
    const opening = openFile(at("stereo.mp3"), { signal: abort.signal });
    abort.abort(new Error("too slow"));
    await expect(opening).rejects.toThrow("too slow");
  });
});

test("twenty openings and closings, and as many failures, leave nothing open", async () => {
  const before = await countResources();
  for (let cycle = 0; cycle < 20; cycle += 1) {
    const capture = await openFile(at(["stereo.wav", "stereo.mp3", "stereo.opus", "stereo.flac"][cycle % 4] ?? ""), {
      loop: cycle % 2 === 0,
    });
    await hear(capture, cycle % 3);
    await capture.close();
    await openFile(at("notes.wav")).catch(() => {});
  }
  expect(await countResources()).toEqual(before);
});
