import { isNetworkObservable } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { opusDriver, releaseNatives, rtcDriver } from "@roomtone/node-audio";
import { ExamPcmCapture, relayServer } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { afterAll, describe, expect, it } from "vitest";
import { until } from "./support/hall.js";
import { withLifetime } from "./support/with-lifetime.js";

const lifetime = withLifetime();
afterAll(() => releaseNatives());

const never = new AbortController().signal;

describe.each([opusDriver(), rtcDriver()])("a network between $name and the server", (driver) => {
  it("carries all media of whoever connects through it, and nothing finds a way past its cut", async () => {
    const server = lifetime().own(await startDevServer({ iceLite: true }), (opened) => opened.close());
    const relay = lifetime().own(await relayServer({ url: server.url, ports: server.ports }), (opened) => opened.close());
    const token = (identity: string) => server.createToken({ identity, roomName: "room" });
    const peer = lifetime().own(await RtcNodePeer.join(server.url, await token("peer")), (opened) => opened.leave());
    const connection = lifetime().own(
      await driver.connect({ url: relay.url, token: await token("me"), subscribe: false, on: () => {} }, never),
      (opened) => opened.close(),
    );
    const capture = lifetime().own(new ExamPcmCapture(), (opened) => opened.close());
    const track = await connection.publish(capture, { trackId: "t", name: "t", source: "microphone", muted: false, opus: {} }, never);
    const arrived = async () => (isNetworkObservable(track) ? ((await track.networkSample()).arrivedMark ?? 0) : 0);
    await until("media arrives", async () => (await arrived()) > 50);
    expect((await peer.hear("me", "t", 1000)).level).toBeGreaterThan(0.01);
    expect(relay.clients).toBeGreaterThan(0);
    expect(relay.up.counters.delivered).toBeGreaterThan(50);

    relay.up.change({ cut: true });
    const { delivered } = relay.up.counters;
    await until("the cut swallowed two seconds", () => relay.up.counters.cut > 100);
    expect(relay.up.counters.delivered).toBe(delivered);
    expect((await peer.hear("me", "t", 1000)).level).toBeLessThan(0.01);

    relay.up.change({ cut: false });
    await until("media arrives again", async () => (await peer.hear("me", "t", 1000)).level > 0.01);
  });
});
