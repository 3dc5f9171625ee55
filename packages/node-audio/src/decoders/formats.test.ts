import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { channelOf, encodeFile, interleave, measureTone, sine, type WavEncoding, wavBytes, withFolder } from "@roomtone/testing";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { DecodedAudio } from "../captures/decoded-audio.js";
import { ByteReader } from "./byte-reader.js";
import { openFileDecoder } from "./open-decoder.js";

const folder = withFolder();

interface Decoded {
  readonly samples: Int16Array;
  readonly channels: 1 | 2;
  readonly error: unknown;
  readonly blockMs: number;
}

/** Everything that `bytes` plays, at full speed, cut into chunks of the given lengths. */
async function decode(bytes: Uint8Array, chunkBytes: () => number = () => 65_536): Promise<Decoded> {
  const reader = new ByteReader(
    (async function* () {
      for (let at = 0; at < bytes.length; ) {
        const length = Math.max(1, chunkBytes());
        yield bytes.subarray(at, at + length);
        at += length;
      }
    })(),
  );
  const decoder = await openFileDecoder(reader, "sound");
  const firstBlock = await decoder.read();
  if (!firstBlock) throw new Error("no audio");
  const channels = firstBlock.channels.length === 1 ? 1 : 2;
  const audio = new DecodedAudio({ decoder, firstBlock, channels, closeInput: async () => {} });
  const frames: Int16Array[] = [];
  let error: unknown;
  try {
    for (let frame = await audio.read(); frame; frame = await audio.read()) frames.push(frame);
  } catch (thrown) {
    error = thrown;
  }
  await audio.close();
  const samples = new Int16Array(frames.length * 480 * channels);
  frames.forEach((frame, index) => {
    samples.set(frame, index * 480 * channels);
  });
  return { samples, channels, error, blockMs: ((firstBlock.channels[0]?.length ?? 0) * 1000) / firstBlock.sampleRateHz };
}

async function encoded(name: string, samples: Int16Array, options: Parameters<typeof encodeFile>[2] = {}): Promise<Uint8Array> {
  const path = join(folder(), name);
  await encodeFile(path, samples, options);
  return readFile(path);
}

const purity = (samples: Int16Array, frequencyHz: number): number => measureTone(samples, { sampleRateHz: 48_000, frequencyHz }).purity;
const second = sine({ frequencyHz: 440, durationMs: 1000 });
const stereoAt = (sampleRateHz: number): Int16Array =>
  interleave(sine({ frequencyHz: 440, durationMs: 1000, sampleRateHz }), sine({ frequencyHz: 1000, durationMs: 1000, sampleRateHz }));

describe("a WAV", () => {
  test("of any encoding and header plays sample by sample, however its bytes arrive", async () => {
    const encoding = fc.constantFrom<WavEncoding>("u8", "s16", "s24", "s32", "f32", "f64");
    const declaredSize = fc.constantFrom("exact" as const, "zero" as const, "unknown" as const, 0x7f_ff_f0_24);
    const extraChunks = fc.array(
      fc.record({ id: fc.constantFrom("LIST", "bext", "JUNK", "cue "), body: fc.uint8Array({ maxLength: 33 }) }),
      { maxLength: 3 },
    );
    const samples = sine({ frequencyHz: 440, durationMs: 30, channels: 2 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ encoding, declaredSize, extraChunks, extensible: fc.boolean(), rf64: fc.boolean() }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        async (options, lengths) => {
          let turn = 0;
          const wav = wavBytes(samples, { ...options, channels: 2 });
          const { samples: played, channels, error } = await decode(wav, () => lengths[turn++ % lengths.length] ?? 1);
          expect([channels, error]).toEqual([2, undefined]);
          const expected = options.encoding === "u8" ? samples.map((sample) => (sample >> 8) << 8) : samples;
          expect(played).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("in the telephone's encodings plays", async () => {
    for (const codec of ["pcm_mulaw", "pcm_alaw"]) {
      const { samples } = await decode(await encoded(`${codec}.wav`, second, { encoderArguments: ["-c:a", codec] }));
      expect(samples.length).toBe(48_000);
      expect(purity(samples, 440)).toBeGreaterThan(0.99);
    }
  });

  test("of 5.1 channels is mixed to stereo, centre on both sides and nothing clipped", async () => {
    const loud = sine({ frequencyHz: 1000, durationMs: 100, amplitude: 1 });
    const surround = new Int16Array(loud.length * 6);
    loud.forEach((sample, index) => {
      surround[index * 6 + 2] = sample;
    });
    const { samples, channels } = await decode(wavBytes(surround, { channels: 6 }));
    expect(channels).toBe(2);
    for (const side of [0, 1])
      expect(Math.max(...channelOf(samples, side, 2))).toBeCloseTo((32_767 * Math.SQRT1_2) / (1 + 2 * Math.SQRT1_2), -1);
  });

  test("at any usual rate keeps its pitch and its length", async () => {
    for (const sampleRateHz of [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 88_200, 96_000]) {
      const { samples } = await decode(wavBytes(sine({ frequencyHz: 440, durationMs: 500, sampleRateHz }), { sampleRateHz }));
      expect(Math.abs(samples.length - 24_000)).toBeLessThanOrEqual(480);
      expect(purity(samples.subarray(0, 23_000), 440)).toBeGreaterThan(0.999);
    }
  });

  test("that is cut off plays to its last sample, then says so", async () => {
    const { samples, error } = await decode(wavBytes(second).subarray(0, 44 + 48_000 + 1));
    expect(samples).toEqual(second.subarray(0, 24_000));
    expect(error).toMatchObject({ code: "input-unreadable", message: expect.stringContaining("0.5 s of 1.0 s") });
  });
});

describe("a compressed file", () => {
  const kinds: ReadonlyArray<readonly [name: string, exact: boolean, args: readonly string[]]> = [
    ["stereo.flac", true, []],
    ["stereo24.flac", true, ["-sample_fmt", "s32"]],
    ["stereo.mp3", false, ["-b:a", "192k"]],
    [
      "tagged.mp3",
      false,
      ["-b:a", "128k", "-id3v2_version", "3", "-metadata", "title=A", "-metadata", `comment=${"x".repeat(5000)}`, "-write_id3v1", "1"],
    ],
    ["variable.mp3", false, ["-q:a", "4"]],
    ["stereo.mp2", false, []],
    ["stereo.opus", false, ["-b:a", "128k"]],
    ["long-packets.opus", false, ["-b:a", "128k", "-frame_duration", "60"]],
  ];
  test.for(kinds)("%s keeps pitch, channels and length", async ([name, exact, encoderArguments]) => {
    for (const sampleRateHz of exact ? [44_100, 48_000] : [44_100]) {
      const { samples, channels, error, blockMs } = await decode(
        await encoded(name, stereoAt(sampleRateHz), { sampleRateHz, channels: 2, encoderArguments }),
        () => 1777,
      );
      expect([channels, error]).toEqual([2, undefined]);
      expect(purity(channelOf(samples, 0, 2), 440)).toBeGreaterThan(0.99);
      expect(purity(channelOf(samples, 1, 2), 1000)).toBeGreaterThan(0.99);
      expect(Math.abs(samples.length / 2 - 48_000)).toBeLessThanOrEqual(name.endsWith("mp2") ? 2400 : 480);
      expect(blockMs).toBeLessThan(500);
      if (exact && sampleRateHz === 48_000) expect(samples).toEqual(stereoAt(48_000));
    }
  });

  test("of one channel stays mono", async () => {
    for (const name of ["mono.flac", "mono.mp3", "mono.opus"]) {
      const { samples, channels } = await decode(await encoded(name, second));
      expect(channels).toBe(1);
      expect(purity(samples, 440)).toBeGreaterThan(0.99);
    }
  });

  test("of 5.1 channels is mixed to stereo", async () => {
    const surround = new Int16Array(48_000 * 6);
    second.forEach((sample, index) => {
      surround[index * 6] = sample;
    });
    for (const name of ["surround.flac", "surround.opus"]) {
      const { samples, channels } = await decode(await encoded(name, surround, { channels: 6 }));
      expect(channels).toBe(2);
      expect(purity(channelOf(samples, 0, 2), 440)).toBeGreaterThan(0.9);
      expect(measureTone(channelOf(samples, 1, 2), { sampleRateHz: 48_000, frequencyHz: 440 }).levelDbfs).toBeLessThan(-40);
    }
  });

  test("of chained Opus streams plays them one after the other, also where their channels differ", async () => {
    const mono = await encoded("first.opus", second);
    const stereo = await encoded("then.opus", sine({ frequencyHz: 1000, durationMs: 1000, channels: 2 }), { channels: 2 });
    const { samples, channels, error } = await decode(Buffer.concat([mono, stereo]));
    expect([channels, samples.length, error]).toEqual([1, 96_000, undefined]);
    expect(purity(samples.subarray(0, 48_000), 440)).toBeGreaterThan(0.99);
    expect(purity(samples.subarray(48_000), 1000)).toBeGreaterThan(0.99);
  });

  test("that is cut off plays what is whole, then says so", async () => {
    const spoken = vi.spyOn(console, "error");
    for (const name of ["cut.flac", "cut.mp3", "cut.opus"]) {
      const whole = await encoded(name, sine({ frequencyHz: 440, durationMs: 3000 }));
      const { samples, error } = await decode(whole.subarray(0, Math.floor(whole.length / 2)));
      expect(samples.length, name).toBeGreaterThan(24_000);
      expect(purity(samples, 440), name).toBeGreaterThan(0.98);
      expect(error, name).toMatchObject({ code: "input-unreadable", message: expect.stringContaining("cut off") });
    }
    expect(spoken).not.toHaveBeenCalled();
    spoken.mockRestore();
  });

  test("with damage inside plays on behind it, and never throws anything but ours", async () => {
    const files = await Promise.all(
      ["damage.flac", "damage.mp3", "damage.opus"].map((name) => encoded(name, sine({ frequencyHz: 440, durationMs: 2000 }))),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files.keys()),
        fc.double({ min: 0.2, max: 0.9, noNaN: true }),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        async (index, place, junk) => {
          const file = files[index] ?? new Uint8Array(0);
          const damaged = Uint8Array.from(file);
          damaged.set(junk.subarray(0, file.length - Math.floor(file.length * place)), Math.floor(file.length * place));
          const { samples, error } = await decode(damaged);
          expect(samples.length).toBeGreaterThan(0);
          if (error !== undefined) expect(error).toMatchObject({ code: "input-unreadable" });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("what cannot be played is named", () => {
  test("where it is audio or something else of a known kind", async () => {
    const kinds: ReadonlyArray<readonly [string, RegExp, readonly string[]]> = [
      ["a.m4a", /MPEG-4/, []],
      ["a.aac", /AAC/, []],
      ["a.ogg", /Ogg Vorbis/, ["-c:a", "vorbis", "-strict", "-2", "-ac", "2"]],
      ["a.oga", /FLAC in Ogg/, ["-c:a", "flac"]],
      ["a.aiff", /AIFF/, []],
      ["a.webm", /WebM/, []],
      ["a.wma", /Windows Media/, []],
      ["adpcm.wav", /unusual samples/, ["-c:a", "adpcm_ms"]],
    ];
    for (const [name, message, encoderArguments] of kinds) {
      await expect(decode(await encoded(name, second, { encoderArguments })), name).rejects.toMatchObject({
        code: "input-unreadable",
        message: expect.stringMatching(message),
      });
    }
  });

  test("where it is nothing at all, or only a beginning", async () => {
    const flac = await encoded("head.flac", second);
    const beginnings: ReadonlyArray<readonly [Uint8Array, RegExp]> = [
      [new Uint8Array(0), /is empty/],
      [Buffer.from("hello, I am a text file. ".repeat(100)), /not audio/],
      [new Uint8Array(70_000), /not audio/],
      [wavBytes(second).subarray(0, 30), /cut off/],
      [wavBytes(second).subarray(0, 36), /without audio/],
      [flac.subarray(0, 20), /without audio/],
      [Buffer.from("ID3\x04\x00\x00\x00\x00\x00\x05hello"), /is empty/],
    ];
    for (const [bytes, message] of beginnings) {
      await expect(decode(bytes)).rejects.toMatchObject({ code: "input-unreadable", message: expect.stringMatching(message) });
    }
  });

  test("and no bytes whatever bring anything but a sentence", async () => {
    const mark = fc.constantFrom(
      "",
      "RIFF\0\0\0\0WAVE",
      "RIFF\0\0\0\0WAVEfmt \x10\0\0\0",
      "fLaC",
      "OggS",
      "ID3\x03\0\0",
      "\xff\xfb\x90\x64",
    );
    await fc.assert(
      fc.asyncProperty(mark, fc.uint8Array({ maxLength: 3000 }), async (mark, junk) => {
        const result = await decode(Buffer.concat([Buffer.from(mark, "latin1"), junk])).catch((error: unknown) => ({
          error,
          samples: new Int16Array(0),
        }));
        if (result.error !== undefined && (result.error as Error).message !== "no audio")
          expect(result.error).toMatchObject({ code: "input-unreadable" });
      }),
      { numRuns: 200 },
    );
  });
});

test("a file's junk in front of an MP3 is passed over", async () => {
  const mp3 = await encoded("plain.mp3", second, { encoderArguments: ["-id3v2_version", "0"] });
  await writeFile(join(folder(), "junk.mp3"), Buffer.concat([Buffer.alloc(3000), mp3]));
  const { samples } = await decode(await readFile(join(folder(), "junk.mp3")));
  expect(purity(samples, 440)).toBeGreaterThan(0.99);
});
