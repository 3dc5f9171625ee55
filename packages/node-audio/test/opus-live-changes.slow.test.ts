import { isReconfigurable, type OpusSettings } from "@roomtone/core";
import { opusDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { describe, expect, it } from "vitest";
import { DriverPublisher, publishTrack } from "./support/driver-publisher.js";
import { until, withHall } from "./support/hall.js";
import { type OpusPacketFacts, readOpusPacket } from "./support/opus-packet.js";
import { expectNothingLost, packetsLike } from "./support/packets-in-a-row.js";

const hall = withHall();

describe("a live publication of the opus driver", () => {
  it("takes everything that can change live: each change arrives, and nothing is lost between them", async () => {
    const me = new DriverPublisher(hall(), opusDriver());
    const connection = await me.join();
    const listener = await hall().admit("receiver", RawSubscriber.join);
    const opus = { bitrateBps: 64_000, discontinuousTransmission: false };
    const track = await publishTrack(connection, me.tone({ frequencyHz: 440 }), { opus });
    if (!isReconfigurable(track)) expect.unreachable();
    await packetsLike(listener, ({ durationMs }) => durationMs === 20);
    const from = listener.packets.length;
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
      const before = listener.packets.length;
      await until(`${JSON.stringify(settings)} arrives`, () => {
        const newest = listener.packets.slice(Math.max(before, listener.packets.length - 5));
        return newest.length === 5 && newest.every(({ payload }) => matches(readOpusPacket(payload), payload.length));
      });
    }
    expectNothingLost(listener.packets.slice(from));
  });

  it("goes from mono to stereo and back, published anew under the same name", async () => {
    const room = await hall().join("me", { driver: "opus" });
    const listener = await hall().admit("receiver", RawSubscriber.join);
    const capture = hall().lifetime.own(new ExamPcmCapture({ channels: 2 }), (opened) => opened.close());
    const publication = await room.publish(capture, { name: "t", opus: { discontinuousTransmission: false } });
    for (const channels of [2, 1] as const) {
      const before = publication.state.sid;
      await publication.reconfigure({ channels });
      expect(publication.state).toMatchObject({ status: "live", muted: false });
      const { sid } = publication.state;
      expect(sid).not.toBe(before);
      await until(`packets of ${channels} channel(s) arrive`, () => {
        const newest = listener.packets.slice(-5);
        return newest.length === 5 && newest.every(({ payload }) => readOpusPacket(payload).stereo === (channels === 2));
      });
      await until("there is one track", async () => (await hall().tracks("me")).length === 1);
      expect(await hall().tracks("me")).toMatchObject([{ sid, name: "t" }]);
    }
  });
});
