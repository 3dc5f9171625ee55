import { isReconfigurable, type OpusSettings, type PublishableCapture, type RoomConnection } from "@roomtone/core";
import { encodeOnce, opusDriver } from "@roomtone/node-audio";
import { ExamPcmCapture, measureTone, type RoomDriverExamEnvironment } from "@roomtone/testing";
import { type RawPacket, RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadOpus } from "../src/natives/load-opus.js";
import { openExamEnvironment } from "./support/exam-environment.js";
import { until } from "./support/hall.js";
import { type OpusPacketFacts, readOpusPacket } from "./support/opus-packet.js";

const TICKS_PER_MS = 48;
let environment: RoomDriverExamEnvironment;
let receiver: RawSubscriber;
let connection: RoomConnection;
let rooms = 0;
const captures: ExamPcmCapture[] = [];

beforeAll(async () => {
  environment = await openExamEnvironment(opusDriver());
});
afterAll(() => environment?.close());

beforeEach(async () => {
  const room = `settings-${++rooms}`;
  receiver = await RawSubscriber.join(environment.url, await environment.token({ identity: "receiver", room }));
  const token = await environment.token({ identity: "me", room });
  connection = await environment.driver.connect(
    { url: environment.url, token, subscribe: false, on: () => {} },
    new AbortController().signal,
  );
});
afterEach(async () => {
  await connection.close();
  await receiver.leave();
  for (const capture of captures.splice(0)) await capture.close();
});

function tone(options: { channels?: 1 | 2; amplitude?: number; secondFrequencyHz?: number } = {}): ExamPcmCapture {
  const capture = new ExamPcmCapture({ frequencyHz: 440, ...options });
  captures.push(capture);
  return capture;
}

function publish(capture: PublishableCapture, opus: Partial<OpusSettings>, profile: "voice" | "music" = "voice") {
  const options = { trackId: "t", name: "t", source: "microphone", muted: false, profile, opus } as const;
  return connection.publish(capture, options, new AbortController().signal);
}

/** The next `count` packets in a row that `matches` is true for. */
async function packetsLike(matches: (facts: OpusPacketFacts) => boolean, count = 5): Promise<readonly RawPacket[]> {
  const from = receiver.packets.length;
  let found: readonly RawPacket[] = [];
  await until("packets like that arrive", () => {
    const newest = receiver.packets.slice(Math.max(from, receiver.packets.length - count));
    found = newest;
    return newest.length === count && newest.every(({ payload }) => matches(readOpusPacket(payload)));
  });
  return found;
}

/** Each packet begins where the one before ended, and none is missing. */
function expectNothingLost(packets: readonly RawPacket[]): void {
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (!before) continue;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    const missingMs = ((packet.timestamp - before.timestamp) >>> 0) / TICKS_PER_MS - readOpusPacket(before.payload).durationMs;
    // More than 400 ms: the machine stood still.
    expect(missingMs === 0 || missingMs > 400).toBe(true);
  }
}

describe("Opus settings reach another participant", () => {
  it("frame durations: each packet says its length, and packets come that far apart, with no gap where one follows another", async () => {
    const track = await publish(tone(), { application: "audio", forwardErrorCorrection: false, discontinuousTransmission: false });
    if (!isReconfigurable(track)) expect.unreachable();
    await packetsLike(({ durationMs }) => durationMs === 20);
    const from = receiver.packets.length;
    for (const frameDurationMs of [60, 2.5, 10, 5, 40, 20] as const) {
      await track.reconfigure({ frameDurationMs });
      await packetsLike(({ durationMs }) => durationMs === frameDurationMs);
    }
    expectNothingLost(receiver.packets.slice(from));
  });

  it("constant bitrate: every packet has exactly its size", async () => {
    const track = await publish(tone(), { bitrateBps: 64_000, variableBitrate: false, discontinuousTransmission: false });
    if (!isReconfigurable(track)) expect.unreachable();
    for (const bitrateBps of [64_000, 24_000, 96_000]) {
      await track.reconfigure({ bitrateBps });
      const size = (bitrateBps / 8) * 0.02;
      const from = receiver.packets.length;
      await until(`packets of ${size} bytes alone`, () => {
        const newest = receiver.packets.slice(Math.max(from, receiver.packets.length - 10));
        return newest.length === 10 && newest.every(({ payload }) => payload.length === size);
      });
    }
  });

  it.each(["narrowband", "mediumband", "wideband", "superwideband", "fullband"] as const)(
    "bandwidth: %s at the most",
    async (maxBandwidth) => {
      // At this bitrate the encoder takes all that it may.
      await publish(tone(), { maxBandwidth, application: "voip", bitrateBps: 64_000, discontinuousTransmission: false });
      await packetsLike(({ bandwidth }) => bandwidth === maxBandwidth);
    },
  );

  it("application: low delay is CELT alone, and speech at a low rate is SILK, one after the other without a gap", async () => {
    const track = await publish(tone(), { application: "restricted-lowdelay", discontinuousTransmission: false });
    if (!isReconfigurable(track)) expect.unreachable();
    await packetsLike(({ mode }) => mode === "celt");
    const from = receiver.packets.length;
    await track.reconfigure({ application: "voip", bitrateBps: 16_000, signal: "voice" });
    await packetsLike(({ mode }) => mode === "silk");
    expectNothingLost(receiver.packets.slice(from));
  });

  it("forward error correction: the packets carry it, and stop when told to", async () => {
    const settings = { bitrateBps: 24_000, signal: "voice", expectedPacketLossPercent: 20, discontinuousTransmission: false } as const;
    const track = await publish(tone(), { ...settings, forwardErrorCorrection: true });
    if (!isReconfigurable(track)) expect.unreachable();
    await packetsLike(({ hasForwardErrorCorrection }) => hasForwardErrorCorrection);
    await track.reconfigure({ forwardErrorCorrection: false });
    await packetsLike(({ hasForwardErrorCorrection }) => !hasForwardErrorCorrection);
    await track.reconfigure({ forwardErrorCorrection: true });
    await packetsLike(({ hasForwardErrorCorrection }) => hasForwardErrorCorrection);
  });

  it("discontinuous transmission: silence sends next to nothing, and time goes on", async () => {
    const track = await publish(tone({ amplitude: 0 }), { discontinuousTransmission: true });
    if (!isReconfigurable(track)) expect.unreachable();
    // The encoder goes quiet after 200 ms; then one frame in 21 refreshes the receiver's comfort noise.
    await until("packets come 420 ms apart", () => {
      const [before, last] = receiver.packets.slice(-2);
      return before !== undefined && last !== undefined && (last.timestamp - before.timestamp) >>> 0 === 420 * TICKS_PER_MS;
    });
    const [before, last] = receiver.packets.slice(-2);
    expect(((last?.sequence ?? 0) - (before?.sequence ?? 0)) & 0xffff).toBe(1);
    await track.reconfigure({ discontinuousTransmission: false });
    await until("packets come 20 ms apart", () => {
      const newest = receiver.packets.slice(-5);
      return newest.every((packet, index) => index === 0 || (packet.timestamp - (newest[index - 1]?.timestamp ?? 0)) >>> 0 === 960);
    });
  });

  it("everything that can change live: each change arrives, and nothing is lost between them", async () => {
    const track = await publish(tone(), { bitrateBps: 64_000, discontinuousTransmission: false });
    if (!isReconfigurable(track)) expect.unreachable();
    await packetsLike(({ durationMs }) => durationMs === 20);
    const from = receiver.packets.length;
    const changes: readonly (readonly [Partial<OpusSettings>, (facts: OpusPacketFacts, size: number) => boolean])[] = [
      [{ variableBitrate: false }, (_facts, size) => size === 160],
      [{ bitrateBps: 96_000 }, (_facts, size) => size === 240],
      [{ complexity: 0 }, (_facts, size) => size === 240],
      [{ maxBandwidth: "wideband" }, ({ bandwidth }) => bandwidth === "wideband"],
      [{ maxBandwidth: "fullband", complexity: 9 }, ({ bandwidth }) => bandwidth === "fullband"],
      [{ bitrateBps: 30_000, signal: "voice", forwardErrorCorrection: false }, ({ mode }) => mode !== "celt"],
      [{ signal: "music" }, ({ mode }) => mode === "celt"],
      [{ application: "restricted-lowdelay" }, ({ mode }) => mode === "celt"],
      [{ frameDurationMs: 10 }, ({ durationMs }) => durationMs === 10],
      [{ frameDurationMs: 60, variableBitrate: true }, ({ durationMs }) => durationMs === 60],
    ];
    for (const [settings, matches] of changes) {
      await track.reconfigure(settings);
      const before = receiver.packets.length;
      await until(`${JSON.stringify(settings)} arrives`, () => {
        const newest = receiver.packets.slice(Math.max(before, receiver.packets.length - 5));
        return newest.length === 5 && newest.every(({ payload }) => matches(readOpusPacket(payload), payload.length));
      });
    }
    expectNothingLost(receiver.packets.slice(from));
  });

  it("music: left and right arrive apart", async () => {
    await publish(tone({ channels: 2, secondFrequencyHz: 1000 }), {}, "music");
    await packetsLike(({ stereo }) => stereo, 60);
    const decoder = new (loadOpus().OpusEncoder)(48_000, 2);
    const pcm = receiver.packets.slice(-50).map(({ payload }) => decoder.decode(payload));
    const samples = Buffer.concat(pcm.slice(5)); // the first frames of a decoder that joins midway are its settling
    const interleaved = new Int16Array(samples.buffer.slice(samples.byteOffset, samples.byteOffset + samples.byteLength));
    const [left, right] = [0, 1].map((channel) => interleaved.filter((_, index) => index % 2 === channel));
    if (!left || !right) expect.unreachable();
    const purity = (channel: Int16Array, frequencyHz: number) => measureTone(channel, { sampleRateHz: 48_000, frequencyHz }).purity;
    expect(purity(left, 440)).toBeGreaterThan(0.9);
    expect(purity(left, 1000)).toBeLessThan(0.1);
    expect(purity(right, 1000)).toBeGreaterThan(0.9);
    expect(purity(right, 440)).toBeLessThan(0.1);
  });

  it("music: stereo at 128 kbit/s; voice: mono", async () => {
    const track = await publish(tone({ channels: 2 }), {}, "music");
    const packets = await packetsLike(({ stereo, bandwidth }) => stereo && bandwidth === "fullband", 25);
    const bitsPerS = (packets.reduce((sum, { payload }) => sum + payload.length, 0) * 8) / (packets.length * 0.02);
    expect(bitsPerS).toBeGreaterThan(60_000); // variable, and a tone is easy
    expect(bitsPerS).toBeLessThan(200_000);
    await track.unpublish();
    await publish(tone({ channels: 2 }), {}, "voice");
    await packetsLike(({ stereo }) => !stereo);
  });

  it("packets of an encoded capture arrive as they are", async () => {
    const sent: Buffer[] = [];
    const capture = await encodeOnce(tone(), { profile: "music", opus: { channels: 1, frameDurationMs: 10 } });
    const packets = capture.packets();
    const recorded = (async () => {
      for await (const { payload } of packets) sent.push(Buffer.from(payload));
    })();
    await expect(publish(capture, { bitrateBps: 64_000 })).rejects.toMatchObject({ code: "unsupported" });
    await publish(capture, {});
    await packetsLike(({ durationMs }) => durationMs === 10, 20);
    const known = new Set(sent.map((payload) => payload.toString("hex")));
    const unknown = receiver.packets.slice(-20).filter(({ payload }) => !known.has(payload.toString("hex")));
    expect(unknown).toEqual([]);
    await capture.close();
    await recorded;
  });

  it("refuses settings that contradict each other, and channels that change, and goes on as before", async () => {
    const capture = tone();
    await expect(publish(capture, { bitrateBps: 5 })).rejects.toMatchObject({ code: "invalid-settings" });
    const track = await publish(capture, { discontinuousTransmission: false });
    if (!isReconfigurable(track)) expect.unreachable();
    await expect(track.reconfigure({ complexity: 11 })).rejects.toMatchObject({ code: "invalid-settings" });
    await expect(track.reconfigure({ application: "restricted-lowdelay", forwardErrorCorrection: true })).rejects.toMatchObject({
      code: "invalid-settings",
    });
    await expect(track.reconfigure({ channels: 2 })).rejects.toMatchObject({ code: "unsupported" });
    await packetsLike(({ durationMs, stereo }) => durationMs === 20 && !stereo);
  });
});

describe("a muted track", () => {
  it("sends no packet, though time goes on", async () => {
    const track = await publish(tone(), { discontinuousTransmission: false });
    await packetsLike(() => true, 20);
    await track.setMuted(true);
    await until("it was quiet for half a second", () => performance.now() - (receiver.packets.at(-1)?.arrivedMs ?? 0) > 500);
    const before = receiver.packets.at(-1);
    await track.setMuted(false);
    await until("packets come again", () => receiver.packets.at(-1) !== before);
    if (!before) expect.unreachable();
    const after = receiver.packets[receiver.packets.indexOf(before) + 1];
    if (!after) expect.unreachable();
    const passedMs = ((after.timestamp - before.timestamp) >>> 0) / TICKS_PER_MS;
    expect(Math.abs(passedMs - (after.arrivedMs - before.arrivedMs))).toBeLessThan(250);
  });
});
