import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AudioStream, type RemoteTrack, Room, RoomEvent } from "@livekit/rtc-node";
import type { NetworkSample, Publication } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { joinRoom, openFile, opusDriver } from "@roomtone/node-audio";
import { type RelayedServer, relayServer, speechLike, wavBytes } from "@roomtone/testing";
import { quantile } from "./quantile.ts";
import { type SignalDistance, signalDistance } from "./signal-distance.ts";

const ONE_WAY_MS = 40;
/** Before it the controller adapts; what is heard from then on is compared. */
const SETTLE_MS = 20_000;
const LEAD_MS = 300;
const SAMPLES_PER_MS = 48;

type Mode = "fixed" | "follow-network";

export interface QualityFigures extends SignalDistance {
  /** Share that the relay dropped. */
  readonly droppedShare: number;
  /** Share that the server missed at last, after retransmissions: what it reports. */
  readonly missingShare: number;
  /** At the end. */
  readonly settings: string;
}

/**
 * Profile `voice` as it is (32 kbit/s, 20 ms, FEC for 10 % loss), fixed and following the network, at once through a relay each with
 * the same seed: 80 ms of round trip and so much random loss on the way to the server. One rtc-node listener each, without loss.
 */
export async function benchRandomLoss(lossShare: number, rounds: number, seconds: number, firstSeed: number) {
  const server = await startDevServer({ iceLite: true });
  const measured = new Map<Mode, QualityFigures[]>();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const seed = firstSeed + round;
      const said = speechLike(SETTLE_MS + seconds * 1000, seed);
      const modes: readonly Mode[] = ["fixed", "follow-network"];
      const figures = await Promise.all(modes.map((mode) => publishThrough(server, said, mode, lossShare, seed)));
      for (const [index, mode] of modes.entries()) {
        const figure = figures[index];
        if (figure) measured.set(mode, [...(measured.get(mode) ?? []), figure]);
      }
    }
  } finally {
    await server.close();
  }
  return measured;
}

async function publishThrough(server: DevServer, said: Int16Array, mode: Mode, lossShare: number, seed: number): Promise<QualityFigures> {
  const stage = await openStage(server, `${mode}-${lossShare}-${seed}`, said, seed);
  const { relay } = stage;
  const startedMs = performance.now();
  const { publication, settings } = await stage.publish(mode);
  relay.up.change({ lossShare });
  const before = relay.up.counters;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const first = await publication.networkSample();
  await publication.ended.then(() => {});
  const { last } = stage.readings;
  const after = relay.up.counters;
  await new Promise((resolve) => setTimeout(resolve, 1500)); // What is still in the listener's buffer.
  const heard = stage.heardFrom(startedMs + SETTLE_MS - LEAD_MS);
  await stage.close();
  const sent = (last?.packetsSent ?? 0) - (first?.packetsSent ?? 0);
  return {
    ...signalDistance(said.subarray(SETTLE_MS * SAMPLES_PER_MS), heard),
    droppedShare: (after.lost - before.lost) / (after.packets - before.packets),
    missingShare: ((last?.packetsLost ?? 0) - (first?.packetsLost ?? 0)) / sent,
    settings: settings(),
  };
}

export interface CapFigures {
  /** Each five seconds: what the settings say, and how long a packet waits at the narrow place. */
  readonly course: readonly { readonly atS: number; readonly bitrateBps: number; readonly queueMs: number }[];
  /** While the link is narrow, from five seconds on. */
  readonly meanQueueMs: number;
  readonly droppedShare: number;
}

/** The same over a link that narrows to `rateBps` of UDP payload between 15 and 60 s, in front of a queue of 8000 bytes. */
export async function benchNarrowLink(rateBps: number, mode: Mode): Promise<CapFigures> {
  const server = await startDevServer({ iceLite: true });
  const said = speechLike(125_000, 5);
  const stage = await openStage(server, `narrow-${mode}`, said, 1);
  try {
    const { relay } = stage;
    const { bitrateBps } = await stage.publish(mode);
    const course: { atS: number; bitrateBps: number; queueMs: number }[] = [];
    const queues: number[] = [];
    let [before, after] = [relay.up.counters, relay.up.counters];
    for (let tenth = 0; tenth < 1200; tenth += 1) {
      const atS = tenth / 10;
      if (atS === 15) relay.up.change({ rateBps, queueBytes: 8000 });
      if (atS === 20) before = relay.up.counters;
      if (atS > 20 && atS <= 60) queues.push(relay.up.queueMs);
      if (atS === 60) {
        after = relay.up.counters;
        relay.up.change({ rateBps: Number.POSITIVE_INFINITY });
      }
      if (tenth % 50 === 0) course.push({ atS, bitrateBps: bitrateBps(), queueMs: relay.up.queueMs });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const meanQueueMs = queues.reduce((sum, value) => sum + value, 0) / queues.length;
    return { course, meanQueueMs, droppedShare: (after.overflowed - before.overflowed) / (after.packets - before.packets) };
  } finally {
    await stage.close();
    await server.close();
  }
}

/** A room with a listener at the server itself, and a way to publish into it through a relay. */
export async function openStage(server: DevServer, roomName: string, said: Int16Array, seed: number) {
  const folder = await mkdtemp(join(tmpdir(), "roomtone-bench-"));
  await writeFile(join(folder, "said.wav"), wavBytes(said));
  const relay: RelayedServer = await relayServer({ url: server.url, ports: server.ports, seed });
  for (const link of [relay.up, relay.down]) link.change({ delayMs: ONE_WAY_MS });
  const token = (identity: string) => server.createToken({ identity, roomName });
  const listener = new Room();
  const blocks: Int16Array[] = [];
  let firstBlockMs: number | undefined;
  listener.on(RoomEvent.TrackSubscribed, (track: RemoteTrack) => void record(track));
  await listener.connect(server.url, await token("listener"), { autoSubscribe: true, dynacast: false });
  const room = await joinRoom({ url: relay.url, token: await token("speaker") }, { driver: opusDriver() });
  const capture = await openFile(join(folder, "said.wav"));
  const readings: { last: NetworkSample | undefined } = { last: undefined };
  let timer: NodeJS.Timeout | undefined;

  async function record(track: RemoteTrack): Promise<void> {
    const reader = new AudioStream(track, { sampleRate: 48_000, numChannels: 1, frameSizeMs: 10 }).getReader();
    for (let block = await reader.read(); !block.done; block = await reader.read()) {
      firstBlockMs ??= performance.now();
      blocks.push(block.value.data);
    }
  }

  return {
    relay,
    readings,
    async publish(quality: Mode): Promise<{ publication: Publication; settings: () => string; bitrateBps: () => number }> {
      let settings = { bitrateBps: 32_000, forwardErrorCorrection: true, expectedPacketLossPercent: 10, frameDurationMs: 20 };
      room.on({
        "quality-changed": (event) => {
          settings = event.settings;
        },
      });
      const publication = await room.publish(capture, { name: "speech", profile: "voice", quality });
      timer = setInterval(() => {
        void publication.networkSample().then((sample) => {
          if (sample) readings.last = sample;
        });
      }, 1000);
      const describe = () =>
        `${settings.bitrateBps / 1000}k ${settings.frameDurationMs} ms ${settings.forwardErrorCorrection ? `FEC ${settings.expectedPacketLossPercent} %` : "no FEC"}`;
      return { publication, settings: describe, bitrateBps: () => settings.bitrateBps };
    },
    /** The listener's sound is 10 ms a block, whatever arrived: its place tells its time. */
    heardFrom(atMs: number): Int16Array {
      const skipped = Math.max(0, Math.floor((atMs - (firstBlockMs ?? atMs)) / 10));
      const kept = blocks.slice(skipped);
      const sound = new Int16Array(kept.reduce((length, block) => length + block.length, 0));
      let offset = 0;
      for (const block of kept) {
        sound.set(block, offset);
        offset += block.length;
      }
      return sound;
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await room.close();
      await capture.close();
      await listener.disconnect();
      await relay.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `npm run bench -- quality`: both measurements, as tables. */
export async function runQuality(options: {
  rounds: number;
  seconds: number;
  lossPercents: readonly number[];
  seed: number;
  narrow: boolean;
}) {
  console.log("| loss at the relay | publisher | missing at the server | spectral distance, dB | gaps | SNR, dB | settings at the end |");
  console.log("|---|---|---|---|---|---|---|");
  for (const lossPercent of options.lossPercents) {
    const measured = await benchRandomLoss(lossPercent / 100, options.rounds, options.seconds, options.seed);
    for (const [mode, figures] of measured) {
      const of = (value: (figure: QualityFigures) => number) => quantile(figures.map(value), 0.5);
      const cells = [
        percent(of((figure) => figure.droppedShare)),
        mode,
        percent(of((figure) => figure.missingShare)),
        `${of((figure) => figure.spectralDistanceDb).toFixed(2)} (${figures.map((figure) => figure.spectralDistanceDb.toFixed(2)).join(", ")})`,
        percent(of((figure) => figure.gapShare)),
        of((figure) => figure.segmentalSnrDb).toFixed(1),
        [...new Set(figures.map((figure) => figure.settings))].join("; "),
      ];
      console.log(`| ${cells.join(" | ")} |`);
    }
  }
  if (!options.narrow) return;
  const modes: readonly Mode[] = ["fixed", "follow-network"];
  const narrow = await Promise.all(modes.map((mode) => benchNarrowLink(34_000, mode)));
  for (const [index, mode] of modes.entries()) {
    const figures = narrow[index];
    if (!figures) continue;
    const { course, meanQueueMs, droppedShare } = figures;
    console.log(`\n${mode}, link of 34 kbit/s from 15 to 60 s: waits ${Math.round(meanQueueMs)} ms, drops ${percent(droppedShare)}`);
    console.log(course.map(({ atS, bitrateBps, queueMs }) => `${atS} s: ${bitrateBps / 1000}k, ${Math.round(queueMs)} ms`).join(" | "));
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
