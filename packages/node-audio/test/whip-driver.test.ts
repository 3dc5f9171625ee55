import {
  type DriverEvent,
  type DriverPublishOptions,
  isNetworkObservable,
  type PublishableCapture,
  type RoomConnection,
  resolveOpusSettings,
} from "@roomtone/core";
import { createOpusEncoder, whipDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";
import { signToken } from "./support/moderator.js";
import type { RtcNodePeer } from "./support/rtc-node-peer.js";

/** What a LiveKit server calls whatever comes by WHIP. */
const TRACK = "synthesized-microphone";
const never = new AbortController().signal;
const hall = withHall();
let events: DriverEvent[];
beforeEach(() => {
  events = [];
});

async function join(identity = "me", url = hall().server.url): Promise<RoomConnection> {
  const options = { url, token: await hall().token(identity), subscribe: false, on: (event: DriverEvent) => void events.push(event) };
  return hall().lifetime.own(await whipDriver().connect(options, never), (connection) => connection.close());
}

function tone(options: { frequencyHz?: number; channels?: 1 | 2 } = {}): ExamPcmCapture {
  return hall().lifetime.own(new ExamPcmCapture(options), (capture) => capture.close());
}

function publish(connection: RoomConnection, capture: PublishableCapture, options: Partial<DriverPublishOptions> = {}) {
  return connection.publish(
    capture,
    { trackId: "t", name: "t", source: "microphone", muted: false, opus: { discontinuousTransmission: false }, ...options },
    never,
  );
}

function hears(peer: RtcNodePeer, frequencyHz = 440, identity = "me"): Promise<void> {
  return until(`a peer hears ${frequencyHz} Hz`, async () => {
    const heard = await peer.hear(identity, TRACK, 300);
    return heard.level > 0.05 && Math.abs(heard.frequencyHz - frequencyHz) < 15;
  });
}

describe("WHIP into a LiveKit server", () => {
  it("is heard by others, knows how it fares, and takes another capture in the same track", async () => {
    const peer = await hall().peer("ear");
    const connection = await join();
    expect(connection).toMatchObject({ room: { name: hall().roomName }, localParticipant: { identity: "me" }, participants: [] });
    const track = await publish(connection, tone());
    await hears(peer);
    if (!isNetworkObservable(track)) expect.unreachable();
    await until("the server reports arrival", async () => ((await track.networkSample()).arrivedMark ?? 0) > 0);
    if (!("replace" in track) || typeof track.replace !== "function") expect.unreachable();
    await track.replace(tone({ frequencyHz: 660 }));
    await hears(peer, 660);
    expect(await hall().tracks("me")).toHaveLength(1);
  });

  it("sends the packets of an encoded capture", async () => {
    const peer = await hall().peer("ear");
    const pcm = tone();
    const encoder = await createOpusEncoder(resolveOpusSettings("music", { channels: 1, frameDurationMs: 10 }));
    const capture: PublishableCapture = {
      source: pcm.source,
      format: pcm.format,
      codec: "opus",
      on: () => () => {},
      close: async () => {},
      async *packets(options) {
        for await (const frame of pcm.frames(options)) {
          const { timestampUs } = frame;
          yield { codec: "opus", payload: encoder.encode(frame), timestampUs, durationUs: 10_000, discontinuity: false } as const;
        }
      },
    };
    await publish(await join(), capture, { opus: {} });
    await hears(peer);
  });

  it("sends nothing while muted, and says that nobody can see it", async () => {
    const peer = await hall().peer("ear");
    const track = await publish(await join(), tone());
    await hears(peer);
    await track.setMuted(true);
    await until("a peer hears nothing", async () => (await peer.hear("me", TRACK, 500)).level < 0.002);
    await track.setMuted(false);
    await hears(peer);
    await track.setMuted(true);
    expect(events).toEqual([{ type: "warning", message: expect.stringContaining("WHIP cannot show that to others") }]);
    expect((await hall().tracks("me"))[0]?.muted).toBe(false);
  });

  it("published muted, is there and silent until it is unmuted", async () => {
    const peer = await hall().peer("ear");
    const track = await publish(await join(), tone(), { muted: true });
    await until("the server has the track", async () => (await hall().tracks("me")).length === 1);
    await until("a peer sees it", async () => (await peer.participants()).some(({ tracks }) => tracks.length === 1));
    expect((await peer.hear("me", TRACK, 1000)).level).toBeLessThan(0.002);
    expect(events.map(({ type }) => type)).toEqual(["warning"]);
    await track.setMuted(false);
    await hears(peer);
  });

  it("leaves at once, and after an unpublish publishes anew", async () => {
    const peer = await hall().peer("ear");
    const connection = await join();
    const gone = () => until("a peer sees nobody", async () => (await peer.participants()).length === 0);
    const track = await publish(connection, tone());
    await hears(peer);
    await Promise.all([track.unpublish(), track.unpublish()]);
    await gone();
    await publish(connection, tone({ frequencyHz: 660 }));
    await hears(peer, 660);
    await Promise.all([connection.close(), connection.close()]);
    await gone();
    await expect(publish(connection, tone())).rejects.toMatchObject({ code: "server-unreachable" });
    expect(events).toEqual([]);
  });

  it("a second publisher with the same identity takes its place: the first is told that the server ended it", async () => {
    const peer = await hall().peer("ear");
    await publish(await join(), tone());
    await hears(peer);
    const second = await join();
    await until("the first is told", () => events.length > 0);
    expect(events).toEqual([{ type: "disconnected", reason: "unknown" }]);
    await publish(second, tone({ frequencyHz: 660 }));
    await hears(peer, 660);
  });

  it("refuses by name what WHIP or the server cannot do, and goes on", async () => {
    const connection = await join();
    const unsupported = (options: Partial<DriverPublishOptions>, capture = tone()) =>
      expect(publish(connection, capture, options)).rejects.toMatchObject({ code: "unsupported" });
    await unsupported({ profile: "music" }, tone({ channels: 2 })); // LiveKit's WHIP is mono
    await unsupported({ opus: { channels: 2 } });
    await unsupported({ source: "screen-share-audio" });
    const track = await publish(connection, tone());
    await unsupported({ trackId: "second" });
    await track.unpublish();
    const hearing = whipDriver().connect({ url: hall().server.url, token: await hall().token("me"), subscribe: true, on: () => {} }, never);
    await expect(hearing).rejects.toMatchObject({ code: "unsupported" });
  });

  it.each([
    ["forged", `rtsecret_${"x".repeat(40)}`, 3600, "token-invalid"],
    ["expired", undefined, -3600, "token-expired"],
  ])("names a token that is %s, and never repeats it", async (_, secret, validForS, code) => {
    const { server, roomName } = hall();
    const nowS = Math.floor(Date.now() / 1000);
    const claims = { iss: server.apiKey, sub: "me", nbf: nowS - 7200, exp: nowS + validForS, video: { roomJoin: true, room: roomName } };
    const token = signToken(secret ?? server.apiSecret, claims);
    const joining = whipDriver().connect({ url: server.url, token, subscribe: false, on: () => {} }, never);
    const error: unknown = await joining.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, details: { status: 401 } });
    expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain(token);
  });
});
