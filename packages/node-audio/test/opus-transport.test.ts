import { queryObjects } from "node:v8";
import { isDataChannel, isNetworkObservable, type RoomConnection } from "@roomtone/core";
import { opusDriver } from "@roomtone/node-audio";
import { openSignalProxy, type SignalProxy } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { beforeEach, describe, expect, it } from "vitest";
import { RTCRtpSender } from "werift";
import { DriverPublisher, publishTrack } from "./support/driver-publisher.js";
import { until, withHall } from "./support/hall.js";

const hall = withHall();
let proxy: SignalProxy;
let me: DriverPublisher;
beforeEach(async () => {
  proxy = hall().lifetime.own(await openSignalProxy(hall().server.url), (opened) => opened.close());
  me = new DriverPublisher(hall(), opusDriver(), proxy.url);
});

const types = () => me.events.map(({ type }) => type);
const never = new AbortController().signal;
const publish = (connection: RoomConnection) => publishTrack(connection, me.tone());

describe("when the signalling breaks and media flows", () => {
  it("takes the session up again: same track, no packet lost, and what was muted meanwhile is muted", async () => {
    const listener = await hall().admit("receiver", RawSubscriber.join);
    const connection = await me.join();
    const track = await publish(connection);
    await until("packets arrive", () => listener.packets.length > 20);
    const from = listener.packets.length;
    proxy.cut();
    await until("the driver tells", () => types().includes("interrupted"));
    await until("the session is taken up again", () => types().includes("resumed"));
    await until("more packets arrive", () => listener.packets.length > from + 20);
    const packets = listener.packets.slice(from);
    expect(packets.every((packet, index) => index === 0 || ((packet.sequence - (packets[index - 1]?.sequence ?? 0)) & 0xffff) === 1)).toBe(
      true,
    );
    expect((await hall().tracks("me")).map(({ sid }) => sid)).toEqual([track.sid]);
    proxy.refuse(true);
    const muting = track.setMuted(true);
    proxy.refuse(false);
    proxy.cut();
    await muting;
    await until("it is taken up again", () => types().filter((type) => type === "resumed").length === 2);
    await until("the server has it muted", async () => (await hall().tracks("me"))[0]?.muted === true);
    expect(types()).not.toContain("disconnected");
  });

  it("gives up after its one attempt, and says that the connection is lost", async () => {
    const connection = await me.join();
    await publish(connection);
    proxy.refuse(true);
    proxy.cut();
    await until("the driver gives up", () => types().includes("disconnected"));
    expect(me.events.slice(-2)).toMatchObject([{ type: "interrupted" }, { type: "disconnected", reason: "connection-lost" }]);
    await expect(publish(connection)).rejects.toMatchObject({ code: "server-unreachable" });
  });
});

describe("a server that does not know /rtc/v1", () => {
  it("is joined by /rtc: publishes, and hears data over the server's own peer connection", async () => {
    proxy.notFound("/rtc/v1");
    const peer = await hall().peer("peer");
    const connection = await me.join();
    await publish(connection);
    await until("440 Hz is heard", async () => Math.abs((await peer.hear("me", "t", 200)).frequencyHz - 440) < 10);
    await until("data comes", async () => {
      await peer.sendData(Uint8Array.of(7), { topic: "topic" });
      return types().includes("data-received");
    });
    expect(me.events.find(({ type }) => type === "data-received")).toMatchObject({ topic: "topic", participant: { identity: "peer" } });
  });
});

describe("a publish", () => {
  it("that was given up leaves no track behind", async () => {
    const connection = await me.join();
    await publish(connection);
    const capture = me.tone();
    for (const afterMs of [0, 5, 10, 20]) {
      const options = { trackId: "given up", name: "given up", source: "microphone", muted: false, opus: {} } as const;
      const publishing = connection.publish(capture, options, AbortSignal.timeout(afterMs));
      await publishing.then((track) => track.unpublish()).catch(() => {});
    }
    await until("nobody reads the capture", () => capture.openConsumers === 0);
    const kept = await publish(connection);
    await until("the server has the two that were published", async () => {
      const tracks = await hall().tracks("me");
      return tracks.length === 2 && tracks.some(({ sid }) => sid === kept.sid) && tracks.every(({ name }) => name === "t");
    });
  });
});

describe("two tracks published at once", () => {
  it("are each the track that their name says: a muted one never takes the other's packets", async () => {
    for (let round = 0; round < 3; round += 1) {
      const connection = await me.join();
      const capture = me.tone();
      const put = (name: string, muted: boolean) =>
        connection.publish(capture, { trackId: name, name, source: "microphone", muted, opus: {} }, never);
      const [, speaking] = await Promise.all([put("muted", true), put("speaking", false)]);
      const listener = await hall().admit("receiver", RawSubscriber.join);
      await until("the speaking one arrives", () => listener.packets.length > 20);
      await until("the server has both", async () => (await hall().tracks("me")).length === 2);
      expect((await hall().tracks("me")).find(({ name }) => name === "speaking")?.sid).toBe(speaking.sid);
      await connection.close();
      await listener.leave();
    }
  });
});

describe("a track that is unpublished", () => {
  it("leaves nothing of itself in the connection, and the next one is heard in its place", async () => {
    const connection = await me.join();
    const before = queryObjects(RTCRtpSender, { format: "count" });
    for (let cycle = 0; cycle < 5; cycle += 1) await (await publish(connection)).unpublish();
    const last = await publish(connection);
    // Its own, and one that the engine's stack may still hold.
    await until("the senders before it are gone", () => queryObjects(RTCRtpSender, { format: "count" }) <= before + 2);
    const listener = await hall().admit("receiver", RawSubscriber.join);
    await until("the last one is heard", () => listener.packets.length > 20);
    expect((await hall().tracks("me")).map(({ sid }) => sid)).toEqual([last.sid]);
  });
});

describe("data messages", () => {
  it("of the largest size arrive whole, and larger ones are refused by name", async () => {
    const peer = await hall().peer("peer");
    const connection = await me.join();
    if (!isDataChannel(connection)) expect.unreachable();
    await connection.sendData(new Uint8Array(15 * 1024).fill(5), { reliable: true });
    await until("it arrived", () => peer.received.length === 1);
    expect(peer.received[0]?.payload.length).toBe(15 * 1024);
    await expect(connection.sendData(new Uint8Array(15 * 1024 + 1), { reliable: true })).rejects.toMatchObject({
      code: "invalid-settings",
    });
    await expect(connection.sendData(new Uint8Array(1301), { reliable: false })).rejects.toMatchObject({ code: "invalid-settings" });
  });
});

describe("what the server reports", () => {
  it("gives loss, jitter and a round trip that fits a loopback, and speakers by our own level", async () => {
    const connection = await me.join();
    const track = await publish(connection);
    if (!isNetworkObservable(track)) expect.unreachable();
    await until("a round trip is known", async () => (await track.networkSample()).roundTripMs !== undefined);
    const sample = await track.networkSample();
    expect(sample.roundTripMs).toBeLessThan(200);
    expect(sample).toMatchObject({ packetsLost: expect.any(Number), fractionLost: expect.any(Number), jitterMs: expect.any(Number) });
    await until("we are heard to speak", () =>
      me.events.some((event) => event.type === "active-speakers" && event.speakers.some(({ identity }) => identity === "me")),
    );
  });
});
