/**
 * Repeats one kind of cycle, and tells what each one leaves behind in this process: a leak is found where only one thing happens.
 * `node test/endurance/cycles.ts --kind join --driver opus --cycles 250 --warm-up 50 [--heap FOLDER]`; `--heap` writes a heap snapshot
 * after the warm-up and at the end. Kinds: see `kinds`.
 */
import { join as joinPath } from "node:path";
import { parseArgs } from "node:util";
import { writeHeapSnapshot } from "node:v8";
import { AudioFrame, AudioSource, dispose, LocalAudioTrack, Room, TrackPublishOptions, TrackSource } from "@livekit/rtc-node";
import type { PcmCapture, Publication, RoomSession } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { joinRoom, openMicrophone, openTone, releaseNatives } from "@roomtone/node-audio";
import { startVirtualMicrophone, type VirtualMicrophone } from "@roomtone/testing";
import { deviceProcesses } from "../support/device-processes.ts";
import { holdings } from "./memory.ts";

const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "join" },
    driver: { type: "string", default: "opus" },
    cycles: { type: "string", default: "200" },
    "warm-up": { type: "string", default: "40" },
    heap: { type: "string" },
  },
});
const cycles = Number(values.cycles);
const warmUp = Number(values["warm-up"]);
const driver = values.driver as "opus" | "rtc";
const say = (line: string) => void process.stdout.write(`${line}\n`);
const opus = { discontinuousTransmission: false } as const;
let server: DevServer;
let joins = 0;

interface Attendee {
  readonly room: RoomSession;
  readonly capture: PcmCapture;
  publication: Publication;
}

async function attend(capture: PcmCapture): Promise<Attendee> {
  joins += 1;
  const token = await server.createToken({ identity: `attendee-${joins}`, roomName: "cycles" });
  const room = await joinRoom({ url: server.url, token }, { driver, joinRetries: 10 });
  return { room, capture, publication: await room.publish(capture, { opus }) };
}

async function leave({ room, capture }: Attendee): Promise<void> {
  await room.close();
  await capture.close();
}

let stayer: Attendee;
let stayers: Attendee[] = [];
async function stay(): Promise<() => Promise<void>> {
  stayer = await attend(openTone());
  return () => leave(stayer);
}

const next = (room: RoomSession, event: "reconnected") =>
  new Promise<void>((resolve) => {
    const stop = room.on({
      [event]: () => {
        stop();
        resolve();
      },
    });
  });

async function isLive(): Promise<void> {
  while (stayer.publication.state.status !== "live") await new Promise((resolve) => setTimeout(resolve, 20));
}

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

async function deviceProcess(): Promise<number> {
  for (;;) {
    const pids = await deviceProcesses();
    if (pids.length === 1) return pids[0] as number;
    await pause();
  }
}

let microphone: PcmCapture;
let virtual: VirtualMicrophone;
async function withMicrophone(): Promise<() => Promise<void>> {
  virtual = await startVirtualMicrophone();
  Object.assign(process.env, virtual.environment);
  await virtual.playTone(440);
  microphone = await openMicrophone();
  return async () => {
    await microphone.close();
    await virtual.close();
  };
}

async function joinWithoutUs(): Promise<void> {
  const room = new Room();
  joins += 1;
  const token = await server.createToken({ identity: `peer-${joins}`, roomName: "cycles" });
  await room.connect(server.url, token, { autoSubscribe: false, dynacast: false });
  const source = new AudioSource(48_000, 1, 0);
  const track = LocalAudioTrack.createAudioTrack("voice", source);
  const publication = await room.localParticipant?.publishTrack(track, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }));
  for (let frame = 0; frame < 20; frame += 1) await source.captureFrame(new AudioFrame(new Int16Array(480), 48_000, 1, 480));
  await room.localParticipant?.unpublishTrack(publication?.sid ?? "");
  await track.close(true);
  await room.disconnect();
}

interface Kind {
  open?(): Promise<() => Promise<void>>;
  once(): Promise<unknown>;
}

const kinds: Record<string, Kind> = {
  /** Joins, publishes, mutes, leaves. */
  join: {
    once: async () => {
      const attendee = await attend(openTone());
      await attendee.publication.setMuted(true);
      await attendee.publication.setMuted(false);
      await leave(attendee);
    },
  },
  /** Others come and go; the room stays. */
  visitors: {
    open: stay,
    once: async () => leave(await attend(openTone())),
  },
  /** Mutes and unmutes a track that stays. */
  mute: {
    open: stay,
    once: async () => {
      await stayer.publication.setMuted(true);
      await stayer.publication.setMuted(false);
    },
  },
  replace: { open: stay, once: () => stayer.publication.replace(stayer.capture) },
  republish: {
    open: stay,
    once: async () => {
      await stayer.publication.unpublish();
      stayer.publication = await stayer.room.publish(stayer.capture, { opus });
    },
  },
  /** The server ends at once and comes back; the room stays. */
  "kill-server": {
    open: async () => {
      stayers = await Promise.all(Array.from({ length: 10 }, () => attend(openTone())));
      return async () => void (await Promise.all(stayers.map(leave)));
    },
    once: async () => {
      const back = stayers.map(({ room }) => next(room, "reconnected"));
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.start();
      await Promise.all(back);
      for (const { publication } of stayers) while (publication.state.status !== "live") await pause();
      await new Promise((resolve) => setTimeout(resolve, 5000)); // a shorter stay counts as a failed attempt, which waits before the next
    },
  },
  freeze: {
    open: stay,
    once: async () => {
      await server.signal("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await server.signal("SIGCONT");
      await isLive();
      while (stayer.room.state.connection !== "connected") await new Promise((resolve) => setTimeout(resolve, 20));
    },
  },
  /** The capture's process dies; the capture stays. */
  device: {
    open: withMicrophone,
    once: async () => {
      const killed = await deviceProcess();
      process.kill(killed, "SIGKILL");
      while ((await deviceProcess()) === killed) await pause();
      for await (const frame of microphone.frames()) if (frame.timestampUs > 0) break;
    },
  },
  /** The sound daemon dies and comes back. */
  sound: {
    open: withMicrophone,
    once: async () => {
      const heard = new Promise<void>((resolve) => {
        void (async () => {
          const frames = microphone.frames();
          let lastMs = performance.now();
          for await (const _frame of frames) {
            if (performance.now() - lastMs > 500) break;
            lastMs = performance.now();
          }
          resolve();
        })();
      });
      await virtual.killDaemon();
      await new Promise((resolve) => setTimeout(resolve, 700));
      await virtual.startDaemon();
      await heard;
    },
  },
  capture: {
    open: withMicrophone,
    once: async () => {
      const capture = await openMicrophone();
      for await (const _frame of capture.frames()) break;
      await capture.close();
    },
  },
  tone: {
    once: async () => {
      const capture = openTone();
      for await (const _frame of capture.frames()) break;
      await capture.close();
    },
  },
  /** @livekit/rtc-node by itself, without us: what a join of it costs is not ours to mend. */
  "rtc-node": { once: joinWithoutUs },
  /** Nothing but time. */
  rest: { open: stay, once: () => new Promise((resolve) => setTimeout(resolve, 500)) },
};

const kind = kinds[values.kind];
if (!kind) throw new Error(`--kind is one of ${Object.keys(kinds).join(", ")}`);
server = await startDevServer();
const close = await kind.open?.();
let before = await holdings();
const describe = (now: typeof before, times: number) => {
  const per = (name: "usedKib" | "residentKib") => ((now[name] - before[name]) / times).toFixed(2);
  return `${now.usedKib} KiB used (${per("usedKib")} a cycle), ${now.residentKib} KiB resident (${per("residentKib")} a cycle), ${now.descriptors} descriptors, ${now.children} children`;
};
for (let cycle = 1; cycle <= warmUp + cycles; cycle += 1) {
  await kind.once();
  if (cycle === warmUp) {
    if (values.heap) writeHeapSnapshot(joinPath(values.heap, `${values.kind}-${driver}-before.heapsnapshot`));
    before = await holdings();
    say(`after ${cycle} to warm up: ${describe(before, 1)}`);
  } else if (cycle > warmUp && (cycle - warmUp) % 25 === 0) {
    say(`after ${cycle - warmUp}: ${describe(await holdings(), cycle - warmUp)}`);
  }
}
if (values.heap) writeHeapSnapshot(joinPath(values.heap, `${values.kind}-${driver}-after.heapsnapshot`));
await close?.();
await server.close();
if (values.kind === "rtc-node") await dispose();
await releaseNatives();
process.exit(0);
