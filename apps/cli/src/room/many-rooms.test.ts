import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import type { OpusSettings, PcmCapture } from "@roomtone/core";
import type * as NodeAudio from "@roomtone/node-audio";
import { createFakeToken } from "@roomtone/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { FakeNodeAudio } from "../../test/fake-room.js";
import { LeaveRequest } from "../leave.js";
import { Output } from "../output/output.js";
import type { CommandEnd } from "../run.js";
import { type PublishPlan, publishIntoRoom } from "./publish-room.js";

const audio = vi.hoisted(() => ({ current: {} as object }));
vi.mock("../audio.js", () => ({ loadAudio: async () => audio.current }));

/** The fake driver takes PCM: a shared encoding is the capture itself here, with settings that can be changed. */
class ManyRoomsAudio extends FakeNodeAudio {
  readonly changes: Partial<OpusSettings>[] = [];
  readonly encodeOnce = async (capture: PcmCapture) => {
    const { source, format, overflow } = capture;
    const reconfigure = async (settings: Partial<OpusSettings>) => void this.changes.push(settings);
    const frames = (options?: Parameters<PcmCapture["frames"]>[0]) => capture.frames(options);
    return { source, format, overflow, frames, reconfigure, on: () => () => {}, close: async () => {} };
  };
  followRooms: typeof NodeAudio.followRooms | undefined;
  /** Each change of the recording's mute. */
  readonly recordingMutes: boolean[] = [];
  readonly recordToFile = async () => {
    const setMuted = (muted: boolean) => {
      if (this.recordingMutes.at(-1) !== muted) this.recordingMutes.push(muted);
    };
    return { setMuted, ended: new Promise<void>(() => {}), statistics: { durationMs: 0, lostMs: 0 }, close: async () => {} };
  };

  constructor() {
    super({ adapts: [] }); // as with an encoded capture, the session changes nothing
  }
}

let fake: ManyRoomsAudio;
beforeEach(async () => {
  fake = new ManyRoomsAudio();
  fake.followRooms = (await vi.importActual<typeof NodeAudio>("@roomtone/node-audio")).followRooms;
  audio.current = fake;
});

const ROOMS = ["stage", "hall", "attic"] as const;

class Running {
  readonly io: FakeIo;
  readonly leaving = new AbortController();
  readonly end: Promise<CommandEnd>;

  constructor(terminal: boolean, plan: Partial<PublishPlan> = {}) {
    this.io = new FakeIo(terminal ? { terminal, columns: 100 } : {});
    const { url } = fake.server;
    const everything: PublishPlan = {
      rooms: ROOMS.map((room, index) => ({
        access: { credentials: { url, token: createFakeToken({ identity: "ana", room }) }, url, roomName: room, grantsChecked: true },
        place: { room, to: index + 1, label: room },
      })),
      trackNames: ["tone"],
      open: async (lifetime) => [lifetime.own(fake.openTone(), (open) => open.close())],
      ...{ driver: "opus", encodesOnce: true, profile: undefined, opus: {}, muted: false, quality: "follow-network" },
      ...{ durationMs: undefined, recordPath: undefined, overwrite: false, statsIntervalMs: 50, metrics: undefined, retries: undefined },
      ...plan,
    };
    this.end = publishIntoRoom(everything, this.io, this.leaving.signal, new Output(this.io, { json: !terminal }));
    this.end.catch(() => {}); // awaited by who wants to know
  }

  leave(): Promise<CommandEnd> {
    this.leaving.abort(new LeaveRequest("signal"));
    return this.end;
  }
  events(name: string): Record<string, unknown>[] {
    return this.io.stdout.events.filter(({ event }) => event === name);
  }
  /** The newest status line. */
  get line(): string {
    const { text } = this.io.stderr;
    return stripVTControlCharacters(text.slice(text.lastIndexOf("●")));
  }
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`waited in vain: ${this.io.stdout.text}${this.io.stderr.text}`);
      await delay(5);
    }
  }
}

const mutes = () => ROOMS.map((room) => [...(fake.server.participant(room, "ana")?.tracks.values() ?? [])].map(({ muted }) => muted));
const all = (muted: boolean) => ROOMS.map(() => [muted]);

describe("publishing into several rooms", () => {
  it("says on one line how many are live, and m mutes and unmutes in every one", async () => {
    const running = new Running(true);
    await running.until(() => running.line.startsWith("● live") && running.line.includes("3 of 3 rooms live"));
    running.io.stdin.write("m");
    await running.until(() => JSON.stringify(mutes()) === JSON.stringify(all(true)) && running.line.startsWith("● muted"));
    running.io.stdin.write("m");
    await running.until(() => JSON.stringify(mutes()) === JSON.stringify(all(false)) && running.line.startsWith("● live"));
    expect(await running.leave()).toMatchObject({ reason: "left" });
  });

  it("mutes all with m where one is muted already, by a moderator or otherwise", async () => {
    const running = new Running(true);
    await running.until(() => running.line.includes("3 of 3 rooms live"));
    for (const track of fake.server.participant("hall", "ana")?.tracks.values() ?? []) fake.server.muteByServer(track, true);
    await running.until(() => mutes()[1]?.[0] === true);
    expect(running.line).toContain("● live");
    running.io.stdin.write("m");
    await running.until(() => JSON.stringify(mutes()) === JSON.stringify(all(true)));
    await running.leave();
  });

  it("goes on in the others when one is over, counts it out, and tells which and why", async () => {
    const running = new Running(true);
    await running.until(() => running.line.includes("3 of 3 rooms live"));
    fake.server.deleteRoom("hall");
    await running.until(() => running.line.includes("2 of 3 rooms live"));
    expect(running.line).toContain("● live");
    expect(mutes()).toEqual([[false], [], [false]]);
    expect(stripVTControlCharacters(running.io.stderr.text)).toContain("hall: the room is over: ");
    expect(await running.leave()).toMatchObject({ reason: "left" });
  });

  it("tells each room's events with the room and its position, and ends as the first room did that ended with an error when all are over", async () => {
    const running = new Running(false);
    await running.until(() => running.events("published").length === 3);
    const attic = fake.server.participant("attic", "ana");
    if (attic) fake.server.remove(attic);
    await running.until(() => running.events("room-closed").length === 1);
    expect(running.events("room-closed")).toMatchObject([{ reason: "participant-removed", room: "attic", to: 3 }]);
    for (const room of ["stage", "hall"]) fake.server.deleteRoom(room);
    expect(await running.end).toMatchObject({ error: { code: "room-deleted" } });
    expect(running.events("room-closed").map(({ to }) => to)).toEqual([3, 1, 2]);
  });

  it("makes one decision about quality for all, and names the rooms that brought it", async () => {
    fake.driver.network = { fractionLost: 0.3, roundTripMs: 80 };
    const running = new Running(false, { opus: { expectedPacketLossPercent: 0 } });
    await running.until(() => running.events("quality-changed").length > 0);
    const [decision] = running.events("quality-changed");
    expect(decision).toMatchObject({
      ...{ track: "tone", because: "random-loss", forwardErrorCorrection: true, bitrateBps: 32_000 },
      explanation: expect.stringMatching(/of the packets were lost\.$/),
      rooms: expect.arrayContaining([{ room: "stage", to: 1 }]),
    });
    expect(decision).not.toHaveProperty("to");
    expect(fake.changes[0]).toMatchObject({ forwardErrorCorrection: true });
    await running.leave();
  });

  it("mutes the recording while every room is muted, and no longer", async () => {
    const running = new Running(true, { recordPath: "take.ogg" });
    await running.until(() => running.line.includes("3 of 3 rooms live"));
    const tracks = ROOMS.flatMap((room) => [...(fake.server.participant(room, "ana")?.tracks.values() ?? [])]);
    for (const track of tracks.slice(0, 2)) fake.server.muteByServer(track, true);
    await running.until(() => JSON.stringify(mutes()) === JSON.stringify([[true], [true], [false]]));
    expect(fake.recordingMutes).toEqual([false]);
    running.io.stdin.write("m");
    await running.until(() => fake.recordingMutes.length === 2);
    running.io.stdin.write("m");
    await running.until(() => fake.recordingMutes.length === 3);
    expect(fake.recordingMutes).toEqual([false, true, false]);
    await running.leave();
  });

  it("lets one room that is recorded follow its network as one that is not, bitrate and all", async () => {
    const [room] = ROOMS;
    const credentials = { url: fake.server.url, token: createFakeToken({ identity: "ana", room }) };
    const one = { access: { credentials, url: fake.server.url, roomName: room, grantsChecked: true } };
    fake.driver.network = { fractionLost: 0, roundTripMs: 80 };
    const running = new Running(false, { rooms: [one], recordPath: "take.ogg" });
    await running.until(() => running.events("stats").length > 25); // the idle path is known
    fake.driver.network = { fractionLost: 0.2, roundTripMs: 400 };
    await running.until(() => running.events("quality-changed").length > 0);
    expect(running.events("quality-changed")[0]).toMatchObject({ because: "congestion", bitrateBps: 24_000 });
    expect(running.events("quality-changed")[0]).not.toHaveProperty("rooms");
    await running.leave();
  });

  it("says why a room cannot be published into that was over before", async () => {
    const [evicted, evicting] = [new Running(false), new Running(false)];
    expect(await evicted.end.catch((error: unknown) => ({ error }))).toMatchObject({ error: { code: "duplicate-identity" } });
    expect(await evicting.leave()).toMatchObject({ reason: "left" });
  });
});
