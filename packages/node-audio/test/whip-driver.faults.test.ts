import type { RoomEvent } from "@roomtone/core";
import { encodeOnce, whipDriver } from "@roomtone/node-audio";
import { systemTime, until as untilIn } from "@roomtone/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { DriverPublisher, publishTrack } from "./support/driver-publisher.js";
import { until, withHall } from "./support/hall.js";
import { createModerator } from "./support/moderator.js";
import { hearsWhip, WHIP_TRACK } from "./support/whip-track.js";

const hall = withHall();
let me: DriverPublisher;
beforeEach(() => {
  me = new DriverPublisher(hall(), whipDriver());
});

describe("WHIP into a LiveKit server", () => {
  it("sends the packets of an encoded capture", async () => {
    const peer = await hall().peer("ear");
    const capture = await encodeOnce(me.tone(), { profile: "music", opus: { channels: 1, frameDurationMs: 10 } });
    await publishTrack(await me.join(), capture, { opus: {} });
    await hearsWhip(peer);
  });

  it("published muted, is there and silent until it is unmuted", async () => {
    const peer = await hall().peer("ear");
    const track = await publishTrack(await me.join(), me.tone(), { muted: true });
    await until("the server has the track", async () => (await hall().tracks("me")).length === 1);
    await until("a peer sees it", async () => (await peer.participants()).some(({ tracks }) => tracks.length === 1));
    expect((await peer.hear("me", WHIP_TRACK, 1000)).level).toBeLessThan(0.002);
    expect(me.events.map(({ type }) => type)).toEqual(["warning"]);
    await track.setMuted(false);
    await hearsWhip(peer);
  });

  it("a second publisher with the same identity takes its place: the first is told that the server ended it", async () => {
    const peer = await hall().peer("ear");
    await publishTrack(await me.join(), me.tone());
    await hearsWhip(peer);
    const second = await me.join();
    await until("the first is told", () => me.events.length > 0);
    expect(me.events).toEqual([{ type: "disconnected", reason: "unknown" }]);
    await publishTrack(second, me.tone({ frequencyHz: 660 }));
    await hearsWhip(peer, 660);
  });
});

describe("a room joined with the driver whip", () => {
  const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

  it.for([100, 3000])("is rejoined when its server is killed and back after %i ms, and a mute holds", async (outageMs, { annotate }) => {
    const events: RoomEvent[] = [];
    const room = await hall().join("me", { driver: "whip", on: { any: (event) => void events.push(event) } });
    const publication = await room.publish(me.tone());
    // From the first report on, their end is noticed.
    await until("the server reports arrival", async () => ((await publication.networkSample())?.arrivedMark ?? 0) > 0);
    await hall().server.kill();
    await sleep(outageMs); // the outage itself
    await hall().server.start();
    const startMs = performance.now();
    await until("it is noticed", () => events.some(({ type }) => type === "reconnecting"));
    await publication.setMuted(true);
    await until("it is published again", () => events.filter(({ type }) => type === "published").length === 2);
    await annotate(`published ${Math.round(performance.now() - startMs)} ms after the server's return`);
    const peer = await hall().peer("ear");
    expect((await peer.hear("me", WHIP_TRACK, 1000)).level).toBeLessThan(0.002);
    await publication.setMuted(false);
    await hearsWhip(peer);
    expect(room.state.publications).toMatchObject([{ status: "live", muted: false }]);
  });

  it("is rejoined when its server is killed and back while it is muted, though nothing is sent that could be missed", async ({
    annotate,
  }) => {
    const events: RoomEvent[] = [];
    const room = await hall().join("me", { driver: "whip", on: { any: (event) => void events.push(event) } });
    const publication = await room.publish(me.tone());
    await publication.setMuted(true);
    await hall().server.kill();
    await hall().server.start();
    const startMs = performance.now();
    const isBack = () => events.filter(({ type }) => type === "published").length === 2;
    await untilIn(systemTime(), "it is published again", isBack, 60_000);
    await annotate(`published ${Math.round(performance.now() - startMs)} ms after the server's return`);
    await publication.setMuted(false);
    await hearsWhip(await hall().peer("ear"));
  });

  it("keeps its session while muted for long, and over a short freeze of the server", async () => {
    const events: RoomEvent[] = [];
    const room = await hall().join("me", { driver: "whip", on: { any: (event) => void events.push(event) } });
    const publication = await room.publish(me.tone());
    const { sid } = publication.state;
    await publication.setMuted(true);
    await sleep(40_000); // longer than any time-out of the server's
    await publication.setMuted(false);
    await hearsWhip(await hall().peer("ear"));
    await hall().server.signal("SIGSTOP");
    await sleep(2000); // the freeze itself
    await hall().server.signal("SIGCONT");
    await hearsWhip(await hall().peer("second-ear"));
    expect(publication.state.sid).toBe(sid);
    expect(events.filter(({ type }) => type === "reconnected" || type === "closed")).toEqual([]);
  });

  it("is rejoined when a moderator's removal, or anything else, ends the session at the server", async () => {
    const events: RoomEvent[] = [];
    const room = await hall().join("me", { driver: "whip", on: { any: (event) => void events.push(event) } });
    await room.publish(me.tone());
    const peer = await hall().peer("ear");
    await hearsWhip(peer);
    await createModerator(hall().server).remove(hall().roomName, "me");
    await until("it is published again", () => events.filter(({ type }) => type === "published").length === 2);
    await hearsWhip(peer);
  });

  it("leaves within its bound while the server stands still", async () => {
    const room = await hall().join("me", { driver: "whip" });
    await room.publish(me.tone());
    await hall().server.signal("SIGSTOP");
    const startMs = performance.now();
    await room.close();
    const elapsedMs = performance.now() - startMs;
    await hall().server.signal("SIGCONT");
    expect(elapsedMs).toBeLessThan(2000);
  });
});
