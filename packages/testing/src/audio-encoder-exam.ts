import { type AudioEncoder, type AudioFrame, type OpusSettings, opusProfiles, readOpusPacket } from "@roomtone/core";
import { afterEach, describe, expect, test } from "vitest";
import { measureTone } from "./signals/detectors.js";
import { channelOf, framesOf, interleave, noise, silence, sine } from "./signals/generators.js";

/** What the exam of an encoder needs. The encoder is Opus at 48 kHz. */
export interface AudioEncoderExamEnvironment {
  /** Opens an encoder with `settings` over those of the profile `voice`. The exam closes it. */
  open(settings: Partial<OpusSettings>): Promise<AudioEncoder>;
  /** Interleaved samples of `packets`, which are in order and none of them missing. */
  decode(packets: readonly Uint8Array[], channels: 1 | 2): Int16Array | Promise<Int16Array>;
}

/** One way to break each setting, and the combinations that contradict each other. */
const refused: readonly (readonly [string, Record<string, unknown>])[] = [
  ["bitrateBps", { bitrateBps: 5999 }],
  ["bitrateBps", { bitrateBps: 510_001 }],
  ["bitrateBps", { bitrateBps: Number.NaN }],
  ["application", { application: "phone" }],
  ["complexity", { complexity: 11 }],
  ["complexity", { complexity: 2.5 }],
  ["frameDurationMs", { frameDurationMs: 30 }],
  ["expectedPacketLossPercent", { expectedPacketLossPercent: 101 }],
  ["maxBandwidth", { maxBandwidth: "hifi" }],
  ["signal", { signal: "noise" }],
  ["channels", { channels: 3 }],
  ["forwardErrorCorrection", { forwardErrorCorrection: true, application: "restricted-lowdelay" }],
  ["forwardErrorCorrection", { forwardErrorCorrection: true, frameDurationMs: 5 }],
  ["bitrate", { bitrate: 32_000 }],
];

const durations = [2.5, 5, 10, 20, 40, 60] as const;
const plain = { forwardErrorCorrection: false, discontinuousTransmission: false } as const;

/** What every `AudioEncoder` has to do. Each implementation calls this in a test file. */
export function describeAudioEncoder(name: string, environment: AudioEncoderExamEnvironment): void {
  describe(`${name} as an AudioEncoder`, () => {
    const opened: AudioEncoder[] = [];
    const open = async (settings: Partial<OpusSettings> = {}): Promise<AudioEncoder> => {
      const encoder = await environment.open(settings);
      opened.push(encoder);
      return encoder;
    };
    const encode = (encoder: AudioEncoder, samples: Int16Array): Uint8Array[] =>
      frames(samples, encoder.settings).map((frame) => encoder.encode(frame));
    afterEach(() => {
      for (const encoder of opened.splice(0)) encoder.close();
    });

    test("begins with the profile voice, and what was asked for over it", async () => {
      expect((await open()).settings).toEqual(opusProfiles.voice);
      expect((await open({ bitrateBps: 24_000 })).settings).toEqual({ ...opusProfiles.voice, bitrateBps: 24_000 });
    });

    test.each([
      [440, 1],
      [1000, 1],
      [440, 2],
    ] as const)("carries a tone of %i Hz in %i channel(s)", async (frequencyHz, channels) => {
      const encoder = await open({ channels, bitrateBps: 64_000, ...plain });
      const packets = encode(encoder, sine({ frequencyHz, channels, durationMs: 1000 }));
      const decoded = channelOf(await environment.decode(packets, channels), 0, channels).subarray(4800);
      const measured = measureTone(decoded, { sampleRateHz: 48_000, frequencyHz });
      expect(measured.purity).toBeGreaterThan(0.95);
      expect(measured.levelDbfs).toBeCloseTo(-9, 0);
    });

    test("keeps left and right apart", async () => {
      const encoder = await open({ channels: 2, bitrateBps: 128_000, application: "audio", ...plain });
      const [left, right] = [440, 1000].map((frequencyHz) => sine({ frequencyHz, durationMs: 1000 })) as [Int16Array, Int16Array];
      const packets = encode(encoder, interleave(left, right));
      expect(readOpusPacket(packets[20] as Uint8Array)?.channels).toBe(2);
      const decoded = (await environment.decode(packets, 2)).subarray(9600);
      for (const [channel, frequencyHz] of [440, 1000].entries()) {
        expect(measureTone(channelOf(decoded, channel, 2), { sampleRateHz: 48_000, frequencyHz }).purity).toBeGreaterThan(0.95);
      }
    });

    test.each(durations)("makes packets of %d ms", async (frameDurationMs) => {
      const encoder = await open({ frameDurationMs, ...plain });
      for (const packet of encode(encoder, sine({ frequencyHz: 440, durationMs: 240 }))) {
        expect(readOpusPacket(packet)?.durationMs).toBe(frameDurationMs);
      }
    });

    test.each([
      ["narrowband", "voip", 16_000],
      ["mediumband", "voip", 20_000],
      ["wideband", "voip", 32_000],
      ["superwideband", "audio", 64_000],
      ["fullband", "audio", 128_000],
    ] as const)("never exceeds %s, and uses it where the bitrate allows", async (maxBandwidth, application, bitrateBps) => {
      const encoder = await open({ maxBandwidth, application, bitrateBps, ...plain });
      const packets = encode(encoder, noise({ durationMs: 1000 }));
      // Music modes have no medium band: they go without it.
      expect([maxBandwidth, maxBandwidth === "mediumband" ? "narrowband" : maxBandwidth]).toContain(
        readOpusPacket(packets.at(-1) as Uint8Array)?.bandwidth,
      );
    });

    test("uses Opus's music mode alone where low delay is asked for, and its voice modes for speech at a low rate", async () => {
      const lowDelay = encode(await open({ application: "restricted-lowdelay", ...plain }), sine({ frequencyHz: 440, durationMs: 500 }));
      expect(new Set(lowDelay.map((packet) => readOpusPacket(packet)?.mode))).toEqual(new Set(["celt"]));
      const speech = encode(await open({ bitrateBps: 16_000, signal: "voice", ...plain }), sine({ frequencyHz: 220, durationMs: 500 }));
      expect(readOpusPacket(speech.at(-1) as Uint8Array)?.mode).not.toBe("celt");
    });

    test("keeps every packet at one size without variable bitrate", async () => {
      const encoder = await open({ variableBitrate: false, bitrateBps: 64_000, ...plain });
      const sizes = encode(encoder, noise({ durationMs: 500 })).map((packet) => packet.length);
      expect(new Set(sizes)).toEqual(new Set([160])); // 64 kbit/s for 20 ms
    });

    test("follows its bitrate, live too", async () => {
      const encoder = await open({ bitrateBps: 16_000, ...plain });
      const size = (packets: Uint8Array[]) => packets.slice(10).reduce((sum, packet) => sum + packet.length, 0);
      const low = size(encode(encoder, noise({ durationMs: 1000 })));
      encoder.reconfigure({ bitrateBps: 96_000 });
      expect(encoder.settings.bitrateBps).toBe(96_000);
      const high = size(encode(encoder, noise({ durationMs: 1000 })));
      expect(high / low).toBeGreaterThan(3);
    });

    test("sends next to nothing in silence with discontinuous transmission", async () => {
      const encoder = await open({ discontinuousTransmission: true, forwardErrorCorrection: false });
      encode(encoder, sine({ frequencyHz: 220, durationMs: 500 }));
      const packets = encode(encoder, silence({ durationMs: 2000 })).slice(50);
      expect(packets.filter((packet) => packet.length <= 2).length).toBeGreaterThan(packets.length * 0.8);
    });

    test("prepares for loss: packets of speech modes grow with forward error correction", async () => {
      const base = { bitrateBps: 24_000, variableBitrate: true, discontinuousTransmission: false, expectedPacketLossPercent: 30 } as const;
      const speech = noise({ durationMs: 2000, amplitude: 0.1 });
      const differs = async (settings: Partial<OpusSettings>) => {
        const [without, withIt] = [await open({ ...base, forwardErrorCorrection: false }), await open({ ...base, ...settings })];
        return JSON.stringify(encode(without, speech).map(hash)) !== JSON.stringify(encode(withIt, speech).map(hash));
      };
      expect(await differs({ forwardErrorCorrection: true })).toBe(true);
      expect(await differs({ forwardErrorCorrection: false })).toBe(false);
    });

    test("changes the frame's length at a boundary, live", async () => {
      const encoder = await open(plain);
      const tone = sine({ frequencyHz: 440, durationMs: 600 });
      const packets = encode(encoder, tone);
      encoder.reconfigure({ frameDurationMs: 60 });
      packets.push(...encode(encoder, tone));
      expect(packets.map((packet) => readOpusPacket(packet)?.durationMs)).toEqual([...Array(30).fill(20), ...Array(10).fill(60)]);
    });

    test("changes the application live, and goes on with the sound", async () => {
      const encoder = await open({ ...plain, bitrateBps: 64_000 });
      const tone = sine({ frequencyHz: 440, durationMs: 1000 });
      const packets = encode(encoder, tone);
      encoder.reconfigure({ application: "restricted-lowdelay" });
      expect(encoder.settings.application).toBe("restricted-lowdelay");
      const after = encode(encoder, tone);
      expect(new Set(after.map((packet) => readOpusPacket(packet)?.mode))).toEqual(new Set(["celt"]));
      const decoded = await environment.decode([...packets, ...after], 1);
      expect(measureTone(decoded.subarray(52_800), { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.95);
    });

    test.each(refused)("refuses a wrong %s: %j, when it opens and live, and nothing has changed", async (setting, settings) => {
      const wrong = settings as Partial<OpusSettings>;
      await expect(environment.open(wrong)).rejects.toMatchObject({ code: "invalid-settings", details: { setting } });
      const encoder = await open(plain);
      const before = encoder.settings;
      expect(() => encoder.reconfigure(wrong)).toThrow(expect.objectContaining({ code: "invalid-settings", details: { setting } }));
      expect(encoder.settings).toEqual(before);
      expect(readOpusPacket(encode(encoder, sine({ frequencyHz: 440, durationMs: 20 }))[0] as Uint8Array)?.durationMs).toBe(20);
    });

    test("refuses to change its channels", async () => {
      const encoder = await open();
      expect(() => encoder.reconfigure({ channels: 2 })).toThrow(expect.objectContaining({ code: "invalid-settings" }));
      expect(encoder.settings.channels).toBe(1);
    });

    test("refuses a frame of another length, rate or number of channels, and goes on", async () => {
      const encoder = await open(plain);
      const [good] = frames(sine({ frequencyHz: 440, durationMs: 20 }), encoder.settings) as [AudioFrame];
      const wrong: AudioFrame[] = [0, 1, 480, 959, 961, 1000, 1920, 5760].map((length) => ({ ...good, samples: new Int16Array(length) }));
      wrong.push({ ...good, format: { sampleRateHz: 44_100, channels: 1 } }, { ...good, format: { sampleRateHz: 48_000, channels: 2 } });
      for (const frame of wrong) expect(() => encoder.encode(frame)).toThrow(expect.objectContaining({ code: "invalid-settings" }));
      expect(readOpusPacket(encoder.encode(good))?.durationMs).toBe(20);
    });

    test("reads a frame that is a view into a larger buffer", async () => {
      const tone = sine({ frequencyHz: 440, durationMs: 1000 });
      const encoder = await open({ bitrateBps: 64_000, ...plain });
      const views = frames(tone, encoder.settings).map((frame, index) => ({
        ...frame,
        samples: tone.subarray(index * 960, (index + 1) * 960),
      }));
      const decoded = await environment.decode(
        views.map((frame) => encoder.encode(frame)),
        1,
      );
      expect(measureTone(decoded.subarray(4800), { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.95);
    });

    test("gives each packet to its caller: a later frame does not change it", async () => {
      const encoder = await open(plain);
      const packets = encode(encoder, noise({ durationMs: 200 }));
      const copies = packets.map((packet) => packet.slice());
      encode(encoder, sine({ frequencyHz: 440, durationMs: 200 }));
      expect(packets).toEqual(copies);
    });

    test("closes twice, and refuses to encode or change after that", async () => {
      const encoder = await open();
      const [frame] = frames(sine({ frequencyHz: 440, durationMs: 20 }), encoder.settings) as [AudioFrame];
      encoder.close();
      encoder.close();
      expect(() => encoder.encode(frame)).toThrow(expect.objectContaining({ code: "invalid-settings" }));
      expect(() => encoder.reconfigure({ bitrateBps: 24_000 })).toThrow(expect.objectContaining({ code: "invalid-settings" }));
    });
  });
}

function frames(samples: Int16Array, { channels, frameDurationMs }: OpusSettings): AudioFrame[] {
  return framesOf(samples, { channels, frameDurationMs });
}

function hash(packet: Uint8Array): string {
  return Array.from(packet).join(",");
}
