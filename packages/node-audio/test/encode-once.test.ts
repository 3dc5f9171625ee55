import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EncodedPacket, isEncodedCapture, type PacketStream, RoomtoneError } from "@roomtone/core";
import { encodeOnce, recordToFile } from "@roomtone/node-audio";
import { ExamPcmCapture, FakeCapture, findGaps, measureTone } from "@roomtone/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeOgg, inspectOgg } from "./support/ogg-tools.js";
import { readOpusPacket } from "./support/opus-packet.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-encode-once-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noDtx = { discontinuousTransmission: false };

async function collect(stream: PacketStream, most = Number.POSITIVE_INFINITY): Promise<EncodedPacket[]> {
  const packets: EncodedPacket[] = [];
  for await (const packet of stream) {
    packets.push(packet);
    if (packets.length >= most) break;
  }
  return packets;
}

/** Frames for consumers that keep pace: each is given when all have taken the one before. */
async function say(capture: FakeCapture, frames: number): Promise<void> {
  for (let index = 0; index < frames; index += 1) {
    await capture.consumer();
    await capture.room();
    capture.push();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("one encoder for many", () => {
  it("gives everybody the very same packets, at the capture's times, with their level", async () => {
    const capture = new FakeCapture({ overflow: "wait" });
    const shared = await encodeOnce(capture, { opus: noDtx });
    const reading = [shared.packets(), shared.packets(), shared.packets()].map((stream) => collect(stream));
    await say(capture, 40);
    capture.end();
    const [one = [], ...others] = await Promise.all(reading);
    expect(one).toHaveLength(20);
    for (const other of others) expect(other.every((packet, index) => packet === one[index])).toBe(true);
    expect(one.map(({ timestampUs }) => timestampUs)).toEqual(one.map((_, index) => index * 20_000));
    expect(one.every(({ levelDbov = 127 }) => levelDbov < 20)).toBe(true);
    await shared.close();
  });

  it("does not let a live source wait for who is slow: that one alone loses the oldest past 200 ms, counted and marked", async () => {
    const capture = new FakeCapture();
    const shared = await encodeOnce(capture, { opus: noDtx });
    const slow = shared.packets();
    const quick = collect(shared.packets());
    await say(capture, 100);
    capture.end();
    const all = await quick;
    const late = await collect(slow);
    expect(late.length + slow.droppedPackets).toBe(all.length);
    expect(late.map(({ payload }) => payload)).toEqual(all.slice(-10).map(({ payload }) => payload)); // 200 ms of packets of 20 ms
    expect(late[0]?.discontinuity).toBe(true);
    await shared.close();
  });

  it("bounds a queue in milliseconds whatever the packets' length", async () => {
    const capture = new FakeCapture();
    const shared = await encodeOnce(capture, { opus: { ...noDtx, frameDurationMs: 60 } });
    const slow = shared.packets();
    await say(capture, 120);
    capture.end();
    const late = await collect(slow);
    expect(late.reduce((sum, { durationUs }) => sum + durationUs, 0)).toBe(240_000); // the one that passes 200 ms is taken
    await shared.close();
  });

  it("makes a file wait for the slowest, and loses nothing", async () => {
    const capture = new FakeCapture({ overflow: "wait", running: true });
    const shared = await encodeOnce(capture, { opus: noDtx });
    const slow = shared.packets();
    const quick = shared.packets();
    const reading = collect(quick, 60);
    const taken: EncodedPacket[] = [];
    for (let index = 0; index < 60; index += 1) {
      const { value } = await slow.next();
      taken.push(value);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await reading).toEqual(taken);
    expect(slow.droppedPackets + quick.droppedPackets).toBe(0);
    await shared.close();
    await capture.close();
  });

  it("rests while nobody listens, and leaves the capture open when it is closed, twice too", async () => {
    const capture = new ExamPcmCapture();
    const shared = await encodeOnce(capture, { opus: noDtx });
    expect(capture.openConsumers).toBe(0);
    for (let round = 0; round < 2; round += 1) {
      await collect(shared.packets(), 3);
      await expect.poll(() => capture.openConsumers).toBe(0);
    }
    const reading = collect(shared.packets());
    await expect.poll(() => capture.openConsumers).toBe(1);
    await Promise.all([shared.close(), shared.close()]);
    await reading;
    expect(capture.openConsumers).toBe(0);
    expect(capture.isClosed).toBe(false);
    expect(await collect(shared.packets())).toEqual([]);
    await capture.close();
  });

  it("ends as its capture ends: with the same error, and with its events passed on", async () => {
    const capture = new FakeCapture();
    const shared = await encodeOnce(capture);
    const events: string[] = [];
    const stop = shared.on(({ type }) => events.push(type));
    capture.emit({ type: "device-lost", deviceName: "USB" });
    stop();
    capture.emit({ type: "device-lost", deviceName: "USB" });
    expect(events).toEqual(["device-lost"]);
    const reading = collect(shared.packets());
    await capture.consumer();
    capture.fail(new RoomtoneError("device-lost", "The microphone is gone."));
    await expect(reading).rejects.toMatchObject({ code: "device-lost" });
    await expect(collect(shared.packets())).rejects.toMatchObject({ code: "device-lost" });
    await shared.close();
  });

  it("changes its settings for everybody without a gap, also while it rests, and refuses what cannot be", async () => {
    const capture = new ExamPcmCapture();
    const shared = await encodeOnce(capture, { opus: noDtx });
    expect(isEncodedCapture(shared)).toBe(true);
    await shared.reconfigure({ frameDurationMs: 10 });
    const stream = shared.packets();
    const packets = await Promise.all([stream.next(), stream.next()]);
    await shared.reconfigure({ frameDurationMs: 40, bitrateBps: 64_000 });
    await shared.reconfigure({ frameDurationMs: 60 });
    expect(shared.settings).toMatchObject({ frameDurationMs: 60, bitrateBps: 64_000 });
    packets.push(...(await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])));
    const lengthsMs = packets.map(({ value }) => readOpusPacket(value.payload).durationMs);
    expect(lengthsMs[0]).toBe(10);
    expect(lengthsMs.at(-1)).toBe(60);
    packets.forEach(({ value }, index) => {
      const before = packets[index - 1]?.value;
      // Where the machine stood still, what had become stale was dropped, and what follows says so.
      if (before && !value.discontinuity) expect(Math.abs(value.timestampUs - before.timestampUs - before.durationUs)).toBeLessThan(1000);
    });
    await expect(shared.reconfigure({ channels: 2 })).rejects.toMatchObject({ code: "unsupported" });
    await expect(shared.reconfigure({ complexity: 11 })).rejects.toMatchObject({ code: "invalid-settings" });
    await expect(encodeOnce(capture, { opus: { bitrateBps: 1 } })).rejects.toMatchObject({ code: "invalid-settings" });
    await shared.close();
    await capture.close();
  });
});

describe("a recording of what was encoded", () => {
  it("holds exactly the packets that others got, and reads without a warning", async () => {
    const capture = new FakeCapture({ overflow: "wait" });
    const shared = await encodeOnce(capture, { profile: "music", opus: { channels: 1 } });
    const path = join(folder, "take.ogg");
    const recording = await recordToFile(shared, path);
    const reading = collect(shared.packets());
    await say(capture, 300);
    capture.end();
    const packets = await reading;
    await recording.ended;
    const bytes = await readFile(path);
    let from = 0;
    for (const { payload } of packets) {
      const at = bytes.indexOf(payload, from);
      expect(at).toBeGreaterThanOrEqual(from);
      from = at + payload.length;
    }
    expect(await inspectOgg(path)).toEqual({ decodedMs: 3000 - 6.5, channels: 1, warnings: [] });
    expect(measureTone(await decodeOgg(path), { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.95);
    await shared.close();
  });

  it.each([2.5, 5, 10, 20, 40, 60] as const)(
    "writes silence for muted spans and for what was lost: %f ms a packet",
    async (frameDurationMs) => {
      const capture = new FakeCapture({ overflow: "wait" });
      const shared = await encodeOnce(capture, { opus: { ...noDtx, frameDurationMs } });
      const path = join(folder, "take.ogg");
      const recording = await recordToFile(shared, path);
      await say(capture, 120);
      recording.setMuted(true);
      await say(capture, 120);
      recording.setMuted(false);
      await say(capture, 120);
      capture.gap(600);
      await say(capture, 120);
      capture.end();
      await recording.ended;
      expect(recording.statistics).toMatchObject({ lostMs: 600 });
      const { decodedMs, warnings } = await inspectOgg(path);
      expect(warnings).toEqual([]);
      expect(decodedMs).toBe(5400 - 6.5);
      const gaps = findGaps(await decodeOgg(path), { sampleRateHz: 48_000, minGapMs: 100 });
      expect(gaps).toHaveLength(2);
      // A mute takes whole packets, and the decoder needs one to get going again.
      const slackMs = 20 + 2 * frameDurationMs;
      const off = gaps.flatMap(({ startMs, durationMs }, index) => [
        startMs - (index === 0 ? 1200 : 3600),
        durationMs - (index === 0 ? 1200 : 600),
      ]);
      for (const differenceMs of off) expect(Math.abs(differenceMs)).toBeLessThan(slackMs);
      await shared.close();
    },
  );

  it("opens where nothing was said, and refuses settings, which would change nothing", async () => {
    const capture = new FakeCapture();
    const shared = await encodeOnce(capture);
    const path = join(folder, "empty.ogg");
    await expect(recordToFile(shared, path, { opus: { bitrateBps: 64_000 } })).rejects.toMatchObject({ code: "invalid-settings" });
    const recording = await recordToFile(shared, path);
    await recording.close();
    expect((await inspectOgg(path)).warnings).toEqual([]);
    await shared.close();
  });
});
