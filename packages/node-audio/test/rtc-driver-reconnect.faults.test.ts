import { Room, SimulateScenarioKind } from "@livekit/rtc-node";
import { type DriverEvent, isNetworkObservable } from "@roomtone/core";
import { openTone } from "@roomtone/node-audio";
import { findGaps, measureTone } from "@roomtone/testing";
import type { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { loadRtcNode } from "../src/natives/load-rtc-node.js";
import { RtcConnection } from "../src/rtc-driver/room-connection.js";
import { until, withHall } from "./support/hall.js";
import { createModerator } from "./support/moderator.js";

const hall = withHall();
let events: DriverEvent[];
beforeEach(() => {
  events = [];
});

const signal = new AbortController().signal;
const tone = (frequencyHz = 440) => hall().lifetime.own(openTone({ frequencyHz }), (capture) => capture.close());
const options = (name: string, muted = false) => ({ trackId: name, name, source: "microphone", muted, opus: {} }) as const;

/** The driver's connection over a room in the test's hand, which can be told to reconnect. */
async function connect(): Promise<{ connection: RtcConnection; room: Room }> {
  const room = new Room();
  const token = await hall().token("me");
  await room.connect(hall().server.url, token, { autoSubscribe: false, dynacast: false });
  const connection = new RtcConnection(loadRtcNode(), room, {
    url: hall().server.url,
    token,
    subscribe: false,
    on: (event) => events.push(event),
  });
  hall().lifetime.own(connection, (opened) => opened.close());
  return { connection, room };
}

function hears(peer: RtcNodePeer, name: string, frequencyHz: number): Promise<void> {
  return until(`${frequencyHz} Hz is heard`, async () => {
    const samples = await peer.listen("me", name, 100);
    return measureTone(samples, { sampleRateHz: 48_000, frequencyHz }).purity > 0.9;
  });
}

const told = (type: DriverEvent["type"]) => events.filter((event) => event.type === type).length;

describe("a room that reconnects by itself", () => {
  it("resumes: the same tracks under the same SIDs, without a gap for the listener", async () => {
    const peer = await hall().peer("peer");
    const { connection, room } = await connect();
    const track = await connection.publish(tone(), options("voice"), signal);
    await hears(peer, "voice", 440);
    const { sid } = track;
    const listening = peer.listen("me", "voice", 2500);
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT);
    await until("it is told resumed", () => told("resumed") === 1);
    expect(events.map(({ type }) => type).filter((type) => type === "interrupted" || type === "resumed")).toEqual([
      "interrupted",
      "resumed",
    ]);
    expect(track.sid).toBe(sid);
    expect(findGaps(await listening, { sampleRateHz: 48_000, minGapMs: 200 })).toEqual([]);
  });

  it("reconnects in full: our ids and mutes stay, the SIDs are new, and everything still works", async () => {
    const peer = await hall().peer("peer");
    const { connection, room } = await connect();
    const voice = await connection.publish(tone(440), options("voice"), signal);
    const muted = await connection.publish(tone(1000), options("muted", true), signal);
    await hears(peer, "voice", 440);
    const before = [voice.sid, muted.sid];
    await room.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    await until("it is told resumed", () => told("resumed") === 1);
    await until("both are at the server under new SIDs", async () => {
      const sids = (await hall().tracks("me")).map(({ sid }) => sid);
      return sids.length === 2 && !sids.some((sid) => before.includes(sid)) && sids.includes(voice.sid) && sids.includes(muted.sid);
    });
    await hears(peer, "voice", 440);
    expect((await hall().tracks("me")).find(({ sid }) => sid === muted.sid)?.muted).toBe(true);
    expect((await peer.hear("me", "muted", 200)).level).toBeLessThan(0.002);
    expect([told("track-lost"), told("muted-by-server")]).toEqual([0, 0]);
    await muted.setMuted(false);
    await hears(peer, "muted", 1000);
    await voice.setMuted(true);
    await until("the server has it muted", async () => (await hall().tracks("me")).some(({ sid, muted }) => sid === voice.sid && muted));
    if (!isNetworkObservable(voice)) throw new Error("no statistics");
    expect((await voice.networkSample()).packetsSent).toBeGreaterThan(0);
    await muted.unpublish();
    await until("one is left", async () => (await hall().tracks("me")).length === 1);
  });

  it("tells the session of the new SIDs: its snapshot has them", async () => {
    const connecting = vi.spyOn(Room.prototype, "connect");
    const session = await hall().join("me", { driver: "rtc" });
    const native = connecting.mock.contexts[0] as Room;
    connecting.mockRestore();
    const publication = await session.publish(tone(), { name: "voice" });
    const before = publication.state.sid;
    await native.simulateScenario(SimulateScenarioKind.SIMULATE_FULL_RECONNECT);
    // Compared, not asked: where it fails it shows what the snapshot and the server had.
    await vi.waitFor(
      async () => {
        expect(session.state.publications).toMatchObject([{ status: "live", sid: publication.state.sid }]);
        expect(publication.state.sid).not.toBe(before);
        expect(await hall().tracks("me")).toMatchObject([{ sid: publication.state.sid }]);
      },
      { timeout: 15_000, interval: 50 },
    );
    expect(session.state.connection).toBe("connected");
  });

  it("that the server threw out leaves nothing of itself behind in the native client", async () => {
    const moderator = createModerator(hall().server);
    const listeners = () => globalThis._ffiClientInstance?.listenerCount("ffi_event");
    const first = await connect();
    await first.connection.close();
    const before = listeners();
    for (let count = 0; count < 3; count += 1) {
      events = [];
      const { connection } = await connect();
      await connection.publish(tone(), options("voice"), signal);
      await moderator.remove(hall().roomName, "me");
      await until("it is told disconnected", () => told("disconnected") === 1);
      await connection.close();
    }
    await until("its listeners are gone", () => listeners() === before);
  });
});
