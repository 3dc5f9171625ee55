import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { CaptureEvent, RoomEvent, RoomSession } from "@roomtone/core";
import { type Microphone, openMicrophone } from "@roomtone/node-audio";
import { reportFault, withVirtualMicrophone } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { deviceProcesses, onlyDeviceProcess } from "./support/device-processes.js";
import { until, withHall } from "./support/hall.js";
import { ToneListener } from "./support/tone-listener.js";

const virtual = withVirtualMicrophone();
const hall = withHall();

interface Stage {
  readonly microphone: Microphone;
  readonly captureEvents: readonly CaptureEvent[];
  readonly room: RoomSession;
  readonly roomEvents: readonly RoomEvent[];
  readonly listener: ToneListener;
}

const FRAME_MS = 10;
/** A second's packets of 20 ms, and a third more: a backlog that is sent after all comes in a few milliseconds, and stays as latency. */
const MOST_PACKETS_A_SECOND = 67;

afterEach(async () => {
  await hall().close();
  expect(await deviceProcesses()).toEqual([]);
});

/** A microphone that hears 440 Hz, in a room in which a listener hears it. */
async function stage(driver: string, options: Parameters<typeof openMicrophone>[0] = {}): Promise<Stage> {
  hall().lifetime.own(await virtual().playTone(440), (stop) => stop());
  const microphone = hall().lifetime.own(await openMicrophone(options), (opened) => opened.close());
  const captureEvents: CaptureEvent[] = [];
  microphone.on((event) => captureEvents.push(event));
  const roomEvents: RoomEvent[] = [];
  const room = await hall().join("publisher", { driver, on: { any: (event) => roomEvents.push(event) } });
  await room.publish(microphone, { name: "voice", opus: { discontinuousTransmission: false } });
  const listener = await hall().admit("listener", ToneListener.join);
  await listener.hearsMs(440);
  return { microphone, captureEvents, room, roomEvents, listener };
}

const restored = ({ captureEvents }: Stage) =>
  until("the device is restored", () => captureEvents.some(({ type }) => type === "device-restored"));

interface DeviceFault {
  readonly what: string;
  /** Brings the fault about and ends it; resolves with the moment from which the way back counts. */
  readonly happen: (stage: Stage) => Promise<number>;
  readonly seen: string;
  readonly guard: string;
  readonly told: boolean;
  /** So long nobody read what the device delivered: most of it is too late to be sent. */
  readonly unreadMs?: number;
}

const childEnds = (signal: NodeJS.Signals) => async () => {
  process.kill(await onlyDeviceProcess(), signal);
  return performance.now();
};

/** Computes without a pause. */
function block(durationMs: number): number {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs);
  return performance.now();
}

const faults: readonly DeviceFault[] = [
  {
    what: "sound daemon killed, another after 2 s",
    happen: async () => {
      await virtual().killDaemon();
      await sleep(2000); // the outage itself
      await virtual().startDaemon();
      return performance.now();
    },
    seen: "`device-lost`, `device-restored`",
    guard: "`device/device-supervisor.ts` (*tried* on opus)",
    told: true,
  },
  {
    what: "sound daemon frozen for 5 s",
    happen: async () => {
      await virtual().freeze();
      await sleep(5000); // the outage itself
      await virtual().thaw();
      return performance.now();
    },
    seen: "`device-lost`, `device-restored`",
    guard: "`device/device-supervisor.ts`, `capture-timeline.ts` (*tried* on opus)",
    told: true,
  },
  {
    what: "capture process SIGKILL",
    happen: childEnds("SIGKILL"),
    seen: "`device-lost`, `device-restored`",
    guard: "`device/device-supervisor.ts` (*tried* on opus)",
    told: true,
  },
  {
    what: "capture process SIGSEGV",
    happen: childEnds("SIGSEGV"),
    seen: "`device-lost`, `device-restored`",
    guard: "`device/device-supervisor.ts` (*tried*)",
    told: true,
  },
  {
    what: "capture process SIGSTOP",
    happen: childEnds("SIGSTOP"),
    seen: "`device-lost`, `device-restored`",
    guard: "`device/device-process.ts`: its watch (*tried*)",
    told: true,
  },
  {
    what: "event loop blocked for 500 ms",
    happen: async () => block(500),
    seen: "nothing",
    guard: "`device/capture-timeline.ts` (*tried*); core `frame-queue.ts` (without it alone it holds)",
    told: false,
    unreadMs: 500,
  },
  {
    what: "event loop blocked for 5 s",
    happen: async () => block(5000),
    seen: "nothing, or `device-restored`",
    guard: "`device/capture-timeline.ts` (*tried*); core `frame-queue.ts` (without it alone it holds)",
    told: false,
    unreadMs: 5000,
  },
  {
    what: "all of the process tree stopped for 4 s (sleep)",
    happen: async () => {
      const pid = await onlyDeviceProcess();
      process.kill(pid, "SIGSTOP");
      // From outside: nobody in here could wake us.
      execFileSync("sh", ["-c", `(sleep 4; kill -CONT ${pid} ${process.pid}) & kill -STOP ${process.pid}`]);
      return performance.now();
    },
    seen: "nothing, or `device-lost` and `device-restored`",
    guard: "nothing has to: the same process goes on (without `device/device-supervisor.ts` or `capture-timeline.ts` it holds)",
    told: false,
  },
];

describe.each(["opus", "rtc"])("a microphone in a room on %s", (driver) => {
  it.for(faults)(
    "is heard again after: $what, and was never unpublished",
    async ({ what, happen, seen, guard, told, unreadMs = 0 }, context) => {
      const at = await stage(driver);
      const sidBefore = at.room.state.publications[0]?.sid;
      const startMs = performance.now();
      const endMs = await happen(at);
      if (told) await restored(at);
      const heardMs = await at.listener.hearsMs(440, 20_000, endMs + 100);
      await sleep(1500); // what was queued, if anything, has come by then
      const missing = at.listener.longestQuietMs(startMs);
      expect(at.room.state.publications.map(({ sid, status }) => [sid, status])).toEqual([[sidBefore, "live"]]);
      expect(at.roomEvents.filter(({ type }) => ["publication-lost", "unpublished", "closed"].includes(type))).toEqual([]);
      const { droppedFrames, restarts } = at.microphone.statistics;
      if (restarts === 0) expect(droppedFrames * FRAME_MS).toBeGreaterThanOrEqual(unreadMs / 2);
      const caughtUp = at.listener.packets.filter(({ arrivedMs }) => arrivedMs > endMs && arrivedMs <= endMs + 1000);
      expect(caughtUp.length).toBeLessThanOrEqual(MOST_PACKETS_A_SECOND);
      const { gapMs } = at.captureEvents.find((event) => event.type === "device-restored") ?? {};
      await reportFault(context, {
        part: "device",
        fault: what,
        driver,
        seen,
        lost: gapMs === undefined ? `longest quiet ${Math.round(missing)} ms` : `${Math.round(gapMs)} ms of audio, told in the event`,
        backMs: [heardMs - endMs],
        guard,
      });
    },
  );
});
