import type { RoomEvent } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { joinRoom, openTone } from "@roomtone/node-audio";
import { relayServer } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { describe, expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";

const hall = withHall();

const tone = (frequencyHz: number) => hall().lifetime.own(openTone({ frequencyHz }), (capture) => capture.close());

async function outage(durationMs: number): Promise<void> {
  await hall().server.kill("SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, durationMs)); // the outage itself, and no wait for anything
  await hall().server.start();
}

describe("a room joined with the driver opus", () => {
  it.each([100, 3000])("is rejoined when its server is killed and back after %i ms: same tracks, same mute", async (outageMs) => {
    const events: RoomEvent[] = [];
    const room = await hall().join("publisher", { driver: "opus", on: { any: (event) => events.push(event) } });
    await room.publish(tone(440), { name: "heard" });
    const muted = await room.publish(tone(1000), { name: "muted" });
    await muted.setMuted(true);
    await outage(outageMs);
    await until("both tracks are live again", () => events.filter(({ type }) => type === "published").length >= 4);
    await until("the room is connected", () => room.state.connection === "connected");
    const listener = await hall().admit("listener", RawSubscriber.join);
    await until("packets arrive", () => listener.packets.length > 20);
    const tracks = (await hall().tracks("publisher")).map(({ name, muted: isMuted }) => `${name} ${isMuted ? "muted" : "live"}`);
    expect(tracks.sort()).toEqual(["heard live", "muted muted"]);
    expect(room.driver).toBe("opus");
  });

  it("is rebuilt within seconds where only its media is dropped, while the signalling lives", async () => {
    const lite = hall().lifetime.own(await startDevServer({ iceLite: true }), (opened) => opened.close());
    const relay = hall().lifetime.own(await relayServer({ url: lite.url, ports: lite.ports }), (opened) => opened.close());
    const events: RoomEvent[] = [];
    const token = (identity: string) => lite.createToken({ identity, roomName: "room" });
    const credentials = { url: relay.url, token: await token("publisher") };
    const on = { any: (event: RoomEvent) => void events.push(event) };
    const room = hall().lifetime.own(await joinRoom(credentials, { driver: "opus", on }), (opened) => opened.close());
    const publication = await room.publish(tone(440), { name: "heard", opus: { discontinuousTransmission: false } });
    const peer = hall().lifetime.own(await RtcNodePeer.join(lite.url, await token("peer")), (opened) => opened.leave());
    await until("it is heard", async () => (await peer.hear("publisher", "heard", 200)).level > 0.01);
    const { sid } = publication.state;
    const session = room.state.localParticipant?.sid;
    const cutMs = performance.now();
    relay.up.change({ cut: true });
    await until("the session notices", () => events.some(({ type }) => type === "reconnecting"));
    expect(performance.now() - cutMs).toBeLessThan(15_000);
    await until("another participant of ours has joined", () => room.state.localParticipant?.sid !== session);
    relay.up.change({ cut: false });
    await until("it is published anew", () => publication.state.status === "live" && publication.state.sid !== sid);
    await until("it is heard again", async () => (await peer.hear("publisher", "heard", 200)).level > 0.01);
  });

  it("comes back after the server stood still for 20 s, and is one participant", async () => {
    const room = await hall().join("publisher", { driver: "opus" });
    await room.publish(tone(440), { name: "heard" });
    await hall().server.signal("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 20_000)); // the outage itself
    await hall().server.signal("SIGCONT");
    const listener = await hall().admit("listener", RawSubscriber.join);
    await until("the room is connected", () => room.state.connection === "connected");
    await until("packets arrive", () => listener.packets.length > 50);
    await until("there is one track", async () => (await hall().tracks("publisher")).length === 1);
  });

  it("leaves within its bound while the server stands still", async () => {
    const room = await hall().join("publisher", { driver: "opus" });
    await room.publish(tone(440), { name: "heard" });
    await hall().server.signal("SIGSTOP");
    const startMs = performance.now();
    await room.close();
    const elapsedMs = performance.now() - startMs;
    await hall().server.signal("SIGCONT");
    expect(elapsedMs).toBeLessThan(2000);
  });
});
