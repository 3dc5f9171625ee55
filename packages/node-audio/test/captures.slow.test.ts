import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { PcmCapture } from "@roomtone/core";
import { openFile, openMelody, openStream, openTone } from "@roomtone/node-audio";
import { encodeFile, sine, wavBytes } from "@roomtone/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countResources } from "./resources.js";
import { reachableBytes } from "./support/reachable-memory.js";

const MIB = 1024 * 1024;
let folder = "";
const at = (name: string): string => join(folder, name);
const samples = sine({ frequencyHz: 440, durationMs: 2000, sampleRateHz: 44_100 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-slow-"));
  await writeFile(at("a.wav"), wavBytes(samples, { sampleRateHz: 44_100 }));
  for (const ending of ["mp3", "opus", "flac"]) await encodeFile(at(`a.${ending}`), samples, { sampleRateHz: 44_100 });
});
afterAll(() => rm(folder, { recursive: true }));

const openers: Record<string, () => PcmCapture | Promise<PcmCapture>> = {
  "a WAV file": () => openFile(at("a.wav")),
  "an MP3 file": () => openFile(at("a.mp3"), { loop: true }),
  "an Ogg Opus file": () => openFile(at("a.opus")),
  "a FLAC file": () => openFile(at("a.flac")),
  "a stream": () => openStream(Readable.from([Buffer.from(wavBytes(samples, { sampleRateHz: 44_100 }))], { objectMode: false })),
  "a tone": () => openTone(),
  "the melody": () => openMelody(),
};

describe.for(Object.entries(openers))("%s", ([, open]) => {
  test("opened and closed 200 times leaves nothing open and memory as it was", async () => {
    const cycle = async (reads: number) => {
      const capture = await open();
      const stream = capture.frames();
      for (let index = 0; index < reads; index += 1) await stream.next();
      await capture.close();
    };
    for (let index = 0; index < 40; index += 1) await cycle(index % 3);
    const before = await countResources();
    const bytesBefore = await reachableBytes();
    for (let index = 0; index < 200; index += 1) await cycle(index % 3);
    expect(await countResources()).toEqual(before);
    expect((await reachableBytes()) - bytesBefore).toBeLessThan(4 * MIB);
  });
});

test("an hour of audio takes no more memory than a second", async () => {
  const hourBytes = 3600 * 44_100 * 4;
  // Declares an hour, of which some seconds are there: opening must not make room for all of it.
  const header = wavBytes(new Int16Array(0), { sampleRateHz: 44_100, channels: 2, declaredSize: hourBytes });
  await writeFile(at("hour.wav"), Buffer.concat([header, Buffer.alloc(20 * MIB)]));
  const bytesBefore = await reachableBytes();
  const capture = await openFile(at("hour.wav"));
  const stream = capture.frames();
  for (let index = 0; index < 300; index += 1) await stream.next();
  expect((await reachableBytes()) - bytesBefore).toBeLessThan(4 * MIB);
  await capture.close();
});
