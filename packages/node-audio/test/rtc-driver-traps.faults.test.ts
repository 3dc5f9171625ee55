import { inspect } from "node:util";
import { AudioSource } from "@livekit/rtc-node";
import { type AudioFrame, isDataChannel, isNetworkObservable, type OpusSettings, type PublishedTrack } from "@roomtone/core";
import { openTone, rtcDriver } from "@roomtone/node-audio";
import { ExamPcmCapture, FakeCapture, measureTone } from "@roomtone/testing";
import type { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DriverPublisher } from "./support/driver-publisher.js";
import { until, withHall } from "./support/hall.js";
import { createRoom, setMayPublish, signToken } from "./support/moderator.js";

const hall = withHall();
let me: DriverPublisher;
beforeEach(() => {
  me = new DriverPublisher(hall(), rtcDriver());
});
afterEach(() => void vi.restoreAllMocks());

const signal = new AbortController().signal;
const tone = (frequencyHz = 440) => hall().lifetime.own(openTone({ frequencyHz }), (capture) => capture.close());

const publishOptions = (opus: Partial<OpusSettings> = {}) =>
  ({ trackId: "voice", name: "voice", source: "microphone", muted: false, opus }) as const;

async function packetsSent(track: PublishedTrack): Promise<number> {
  if (!isNetworkObservable(track)) throw new Error("the track has no statistics");
  return (await track.networkSample()).packetsSent;
}

function hears(peer: RtcNodePeer, frequencyHz = 440): Promise<void> {
  return until(`${frequencyHz} Hz is heard`, async () => {
    const samples = await peer.listen("me", "voice", 100);
    return measureTone(samples, { sampleRateHz: 48_000, frequencyHz }).purity > 0.9;
  });
}

describe("the driver rtc", () => {
  it("sends the samples of a frame that is a view into a larger buffer, and a stereo capture as one channel", async () => {
    const peer = await hall().peer("peer");
    const connection = await me.join();
    const capture = hall().lifetime.own(new ExamPcmCapture({ frequencyHz: 440, channels: 2 }), (opened) => opened.close());
    const frames = capture.frames.bind(capture);
    vi.spyOn(capture, "frames").mockImplementation((options) => {
      const stream = frames(options);
      const next = stream.next.bind(stream);
      stream.next = async () => {
        const result = await next();
        return result.done ? result : { done: false, value: inLargerBuffer(result.value) };
      };
      return stream;
    });
    await connection.publish(capture, publishOptions(), signal);
    await hears(peer);
  });

  it("sends no packet at all 500 ms after a mute, reads on meanwhile, and sends again at once", async () => {
    const connection = await me.join();
    const capture = hall().lifetime.own(new FakeCapture({ running: true }), (opened) => opened.close());
    const track = await connection.publish(tone(), publishOptions({ discontinuousTransmission: false }), signal);
    await until("packets go out", async () => (await packetsSent(track)) > 20);
    await track.setMuted(true);
    await new Promise((resolve) => setTimeout(resolve, 500)); // what the contract gives it
    const muted = await packetsSent(track);
    await new Promise((resolve) => setTimeout(resolve, 700)); // so long it sends nothing
    expect(await packetsSent(track)).toBe(muted);
    await track.setMuted(false);
    await until("packets go out again", async () => (await packetsSent(track)) > muted + 10);
    const unread = await connection.publish(capture, { ...publishOptions(), trackId: "other", name: "other", muted: true }, signal);
    expect(capture.consumerCount).toBe(1);
    expect(await packetsSent(unread)).toBe(0);
  });

  it("is heard again within 2 s after the native source refused a frame: the track is told lost, and published anew", async () => {
    const peer = await hall().peer("peer");
    const room = await hall().join("me", { driver: "rtc", on: { any: () => {} } });
    const publication = await room.publish(tone(), { name: "voice" });
    await hears(peer);
    const before = publication.state.sid;
    vi.spyOn(AudioSource.prototype, "captureFrame").mockRejectedValueOnce(new Error("InvalidState - failed to capture frame"));
    const brokenMs = performance.now();
    await until("it is live under another SID", () => publication.state.status === "live" && publication.state.sid !== before);
    await hears(peer);
    expect(performance.now() - brokenMs).toBeLessThan(6000); // 2 s, with slack for a loaded machine
    await until("one track is left", async () => (await hall().tracks("me")).length === 1);
  });

  it("hands frames over one at a time", async () => {
    const connection = await me.join();
    let pending = 0;
    let most = 0;
    const capture = hall().lifetime.own(new FakeCapture(), (opened) => opened.close());
    vi.spyOn(AudioSource.prototype, "captureFrame").mockImplementation(async () => {
      pending += 1;
      most = Math.max(most, pending);
      await new Promise((resolve) => setImmediate(resolve));
      pending -= 1;
    });
    await connection.publish(capture, publishOptions(), signal);
    for (let count = 0; count < 50; count += 1) {
      capture.push(4);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBe(1);
  });

  it("obeys the bitrate, and sends it once: nothing is repeated in later packets", async () => {
    const connection = await me.join();
    const rate = async (bitrateBps: number) => {
      const capture = hall().lifetime.own(openTone({ frequencyHz: 440 }), (opened) => opened.close());
      const options = { ...publishOptions({ bitrateBps, discontinuousTransmission: false }), trackId: `${bitrateBps}` };
      const track = await connection.publish(capture, options, signal);
      if (!isNetworkObservable(track)) throw new Error("no statistics");
      await until("it runs", async () => (await packetsSent(track)) > 25);
      const from = await track.networkSample();
      await until("a second has passed", async () => (await track.networkSample()).packetsSent >= from.packetsSent + 50);
      const to = await track.networkSample();
      await track.unpublish();
      return ((to.bytesSent - from.bytesSent) * 8) / ((to.packetsSent - from.packetsSent) * 0.02);
    };
    const [low, high] = [await rate(24_000), await rate(96_000)];
    expect(low).toBeGreaterThan(24_000 * 0.6);
    expect(low).toBeLessThan(24_000 * 1.4);
    expect(high).toBeGreaterThan(96_000 * 0.6);
    expect(high).toBeLessThan(96_000 * 1.4);
  });

  it.each([
    ["channels", { channels: 2 }],
    ["complexity", { complexity: 3 }],
    ["frameDurationMs", { frameDurationMs: 40 }],
    ["variableBitrate", { variableBitrate: false }],
    ["forwardErrorCorrection", { forwardErrorCorrection: false }],
  ] as const)("refuses a setting that it cannot honour: %s, and opens no consumer", async (setting, opus) => {
    const connection = await me.join();
    const capture = hall().lifetime.own(new FakeCapture(), (opened) => opened.close());
    await expect(connection.publish(capture, publishOptions(opus), signal)).rejects.toMatchObject({
      code: "unsupported",
      details: { setting },
    });
    await expect(connection.publish(capture, publishOptions({ bitrateBps: 1 }), signal)).rejects.toMatchObject({
      code: "invalid-settings",
    });
    await expect(connection.publish(capture, { ...publishOptions(), profile: "music" }, signal)).rejects.toMatchObject({
      code: "unsupported",
    });
    expect(capture.consumerCount).toBe(0);
  });

  it("takes a music profile with one channel, and settings that say what it does anyway", async () => {
    const connection = await me.join();
    const opus = { channels: 1, frameDurationMs: 20, forwardErrorCorrection: true, complexity: 9 } as const;
    await connection.publish(tone(), { ...publishOptions(opus), profile: "voice" }, signal);
    await connection.publish(tone(), { ...publishOptions({ channels: 1 }), trackId: "music", profile: "music" }, signal);
  });

  it("carries the longest reliable data message whole, and refuses a longer one by name", async () => {
    const peer = await hall().peer("peer");
    const connection = await me.join();
    if (!isDataChannel(connection)) throw new Error("no data");
    await until("the peer sees us", async () => (await peer.participants()).length === 1);
    const longest = new Uint8Array(15 * 1024 - 1).map((_, index) => index % 251);
    await connection.sendData(longest, { topic: "t" });
    await until("it arrived", () => peer.received.length === 1);
    expect(peer.received[0]?.payload).toEqual(longest);
    await expect(connection.sendData(new Uint8Array(15 * 1024), { topic: "t" })).rejects.toMatchObject({ code: "invalid-settings" });
    await expect(connection.sendData(new Uint8Array(1301), { reliable: false })).rejects.toMatchObject({ code: "invalid-settings" });
    await connection.sendData(longest.subarray(100, 110), { topic: "view" });
    await until("the view arrived", () => peer.received.length === 2);
    expect(peer.received[1]?.payload).toEqual(longest.slice(100, 110));
  });

  it("says grant-missing where a moderator took the right to publish, and tells the track lost", async () => {
    const connection = await me.join();
    await connection.publish(tone(), publishOptions(), signal);
    await setMayPublish(hall().server, hall().roomName, "me", false);
    await until("the track is told lost", () => me.events.some(({ type }) => type === "track-lost"));
    expect(me.events.find((event) => event.type === "track-lost")).toMatchObject({ trackId: "voice", error: { code: "grant-missing" } });
    const again = connection.publish(tone(), publishOptions(), signal);
    await expect(again).rejects.toMatchObject({ code: "grant-missing", details: { grant: "canPublish" } });
    const token = await hall().server.createToken({
      identity: "other",
      roomName: hall().roomName,
      canPublishSources: ["camera"],
      canPublishData: false,
    });
    const other = await me.join({ token });
    await expect(other.publish(tone(), publishOptions(), signal)).rejects.toMatchObject({ details: { grant: "canPublishSources" } });
    if (!isDataChannel(other)) throw new Error("no data");
    await expect(other.sendData(Uint8Array.of(1), {})).rejects.toMatchObject({ details: { grant: "canPublishData" } });
  });

  it("says server-full where the room takes no more participants", async () => {
    await createRoom(hall().server, hall().roomName, { max_participants: 1 });
    await me.join();
    await expect(me.join({ token: await hall().token("second") })).rejects.toMatchObject({
      code: "server-full",
      details: { retryable: true },
    });
  });

  it("lets no part of a refused token into its error, however deep one looks", async () => {
    const secret = `rtsecret_${"y".repeat(40)}`;
    const { apiKey } = hall().server;
    const token = signToken(secret, { iss: apiKey, sub: "me", exp: Date.now() / 1000 + 60, video: { roomJoin: true, room: "r" } });
    const error: unknown = await me.join({ token }).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: "token-invalid" });
    const shown = inspect(error, { depth: 10, showHidden: true });
    for (const part of token.split(".")) expect(shown).not.toContain(part);
  });

  it("reads others only while somebody listens, and a slow listener loses the oldest and knows how many", async () => {
    const peer = await hall().peer("peer");
    await me.join({ subscribe: true });
    await peer.publish(440, { name: "theirs" });
    await until("it is subscribed", () => me.events.some(({ type }) => type === "track-subscribed"));
    const subscribed = me.events.find((event) => event.type === "track-subscribed");
    if (subscribed?.type !== "track-subscribed" || subscribed.audio?.kind !== "pcm") throw new Error("no audio");
    const { audio } = subscribed;
    const slow = audio.frames({ capacityMs: 50 });
    await until("frames were lost", () => slow.droppedFrames > 20);
    const first = await slow.next();
    expect(first).toMatchObject({ value: { discontinuity: true, format: { sampleRateHz: 48_000, channels: 1 } } });
    await slow.return();
    const again = audio.frames();
    const times: number[] = [];
    for await (const { timestampUs, samples } of again) {
      expect(samples.length).toBe(480);
      times.push(timestampUs);
      if (times.length === 20) break;
    }
    for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBe(10_000);
    await peer.leave();
    const rest = audio.frames();
    expect((await rest.next()).done).toBe(true);
  });
});

function inLargerBuffer(frame: AudioFrame): AudioFrame {
  const larger = new Int16Array(frame.samples.length + 1000).fill(12_345);
  larger.set(frame.samples, 500);
  return { ...frame, samples: larger.subarray(500, 500 + frame.samples.length) };
}
