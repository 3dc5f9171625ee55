/**
 * Publishes into many rooms, or many times into one, and counts in other processes what arrives.
 * `node test/endurance/load.ts --rooms 100 --minutes 10`: one publisher and one subscriber in each room.
 * `node test/endurance/load.ts --publishers 20 --speaking 20 --subscribers 200 --minutes 1`: all in one room; who does not speak publishes silence, which DTX makes two or three packets a second.
 * `--report FILE` writes the figures as JSON. Exit code 1 where somebody did not get in, or nothing was sent.
 */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Publication } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { encodeOnce, joinRoom, openTone, releaseNatives } from "@roomtone/node-audio";
import { type Counters, startCounters } from "./counters.ts";
import { type Holdings, holdings } from "./memory.ts";
import { slopeOf } from "./slope.ts";

const COUNTING_PROCESSES = 2;
/** Subscribers that join at a time: what is measured is ours, not how fast they get in. */
const SUBSCRIBERS_AT_ONCE = 10;
/** What is on its way arrives. */
const REST_MS = 2000;
/** A forced collection stops everything for some tenths of a second. */
const READING_EVERY_MS = 20_000;

const { values } = parseArgs({
  options: {
    rooms: { type: "string" },
    publishers: { type: "string", default: "20" },
    speaking: { type: "string", default: "20" },
    subscribers: { type: "string", default: "200" },
    "frame-ms": { type: "string", default: "20" },
    minutes: { type: "string", default: "1" },
    report: { type: "string" },
  },
});
const rooms = values.rooms === undefined ? undefined : Number(values.rooms);
const publisherRooms = Array.from({ length: rooms ?? Number(values.publishers) }, (_, index) => (rooms ? `load-${index}` : "load"));
const subscriberRooms = Array.from({ length: rooms ?? Number(values.subscribers) }, (_, index) => (rooms ? `load-${index}` : "load"));
const speaking = rooms ?? Number(values.speaking);
const durationMs = Number(values.minutes) * 60_000;

/** Figures of a run, as `--report` writes them. */
export interface LoadReport {
  readonly publishers: number;
  readonly speaking: number;
  readonly subscribers: number;
  readonly minutes: number;
  /** All at once, until the track is live. */
  readonly joins: { readonly p50Ms: number; readonly longestMs: number; readonly secondAttempts: number };
  readonly sent: number;
  /** What was sent, once for each subscriber that it goes to. */
  readonly expected: number;
  readonly received: number;
  /** Tracks that were published again: their packets are counted from there on, so that `sent` says too little. */
  readonly republished: number;
  /** Sequence numbers that never came, by the streams' own count, from when the server had turned all of them on. */
  readonly missing: number;
  readonly longestGapMs: number;
  /** Of a core: where the limit is. */
  readonly cpuPercent: { readonly publishers: number; readonly server: number; readonly subscribers: number };
  /** Of the last minute, at the end: above `cores`, others or we waited for the processor. */
  readonly loadAverage: number;
  readonly cores: number;
  readonly residentMib: number;
  readonly residentSlopeKibPerHour: { readonly perHour: number; readonly boundPerHour: number } | undefined;
  readonly usedSlopeKibPerHour: { readonly perHour: number; readonly boundPerHour: number } | undefined;
}

const pause = (waitMs: number) => new Promise<void>((resolve) => setTimeout(resolve, waitMs));
const say = (line: string) => void process.stdout.write(`${line}\n`);
process.once("disconnect", () => process.exit(1)); // whoever started it is gone

const server = await startDevServer();
const counters = Array.from({ length: COUNTING_PROCESSES }, startCounters);
const tone = openTone();
const frameDurationMs = Number(values["frame-ms"]) as 20 | 40 | 60;
const silence = openTone({ amplitude: 0 });
/** Counted sealed in one room: no packet of 64 kbit/s is as short as the server's silence. */
const bitrateBps = rooms ? 32_000 : 64_000;
const speech = await encodeOnce(tone, { opus: { discontinuousTransmission: false, frameDurationMs, bitrateBps } });
const listening = await encodeOnce(silence, { opus: { discontinuousTransmission: true, frameDurationMs, bitrateBps } });
let secondAttempts = 0;
let published = 0;
const joinedMs: number[] = [];
const publications = await Promise.all(publisherRooms.map(enter));
say(`${publications.length} publishers are in, the last after ${Math.round(Math.max(...joinedMs))} ms`);
for (let at = 0; at < subscriberRooms.length; at += SUBSCRIBERS_AT_ONCE) {
  await Promise.all(subscriberRooms.slice(at, at + SUBSCRIBERS_AT_ONCE).map((room, index) => subscribe(room, at + index)));
}
const streamsWanted = rooms ?? subscriberRooms.length * publications.length;
for (const startMs = performance.now(); (await count()).streams < streamsWanted; await pause(500)) {
  const { streams } = await count();
  if (performance.now() - startMs > 120_000) throw new Error(`${streams} streams arrive of ${streamsWanted}`);
}
say(`${streamsWanted} streams arrive`);

await Promise.all(publications.map((publication) => publication.setMuted(true)));
await pause(REST_MS);
const before = await count();
const sentBefore = await sentSoFar();
const cpuBefore = await cpuTimes();
const startMs = performance.now();
await Promise.all(publications.map((publication) => publication.setMuted(false)));
await pause(REST_MS);
const settled = await count();
await Promise.all(counters.map((counter) => counter.resetGaps()));
const readings: (Holdings & { readonly atMs: number })[] = [];
while (performance.now() - startMs < durationMs) {
  await pause(Math.min(READING_EVERY_MS, durationMs));
  readings.push({ atMs: performance.now(), ...(await holdings()) });
}
const longestGapMs = (await count()).longestGapMs;
const cpuAfter = await cpuTimes();
const ranMs = performance.now() - startMs;
await Promise.all(publications.map((publication) => publication.setMuted(true)));
await pause(REST_MS);
const after = await count();
const sent = (await sentSoFar()) - sentBefore;
const sorted = joinedMs.toSorted((a, b) => a - b);
const judged = readings.slice(Math.ceil(readings.length / 5));
const slope = (name: "usedKib" | "residentKib") =>
  judged.length < 8 ? undefined : slopeOf(judged.map((reading) => ({ atMs: reading.atMs, value: reading[name] })));
const percent = (beforeMs: number, afterMs: number) => Math.round((100 * (afterMs - beforeMs)) / ranMs);
const report: LoadReport = {
  publishers: publisherRooms.length,
  speaking,
  subscribers: subscriberRooms.length,
  minutes: Number(values.minutes),
  joins: { p50Ms: Math.round(sorted[sorted.length >> 1] ?? 0), longestMs: Math.round(sorted.at(-1) ?? 0), secondAttempts },
  sent,
  expected: rooms ? sent : sent * subscriberRooms.length,
  received: after.received - before.received,
  republished: published - publisherRooms.length,
  missing: after.missing - settled.missing,
  longestGapMs: Math.round(longestGapMs),
  cpuPercent: {
    publishers: percent(cpuBefore.publishers, cpuAfter.publishers),
    server: percent(cpuBefore.server, cpuAfter.server),
    subscribers: percent(cpuBefore.subscribers, cpuAfter.subscribers),
  },
  loadAverage: loadavg()[0] ?? 0,
  cores: availableParallelism(),
  residentMib: Math.round((readings.at(-1)?.residentKib ?? 0) / 1024),
  residentSlopeKibPerHour: slope("residentKib"),
  usedSlopeKibPerHour: slope("usedKib"),
};
say(JSON.stringify(report, undefined, 2));
if (values.report !== undefined) await writeFile(values.report, JSON.stringify(report));
for (const counter of counters) await counter.close();
await speech.close();
await listening.close();
await tone.close();
await silence.close();
await server.close();
await releaseNatives();
process.exit(sent > 0 ? 0 : 1);

/** All at once: a storm. Resolves when the track is live. */
async function enter(roomName: string, index: number): Promise<Publication> {
  const token = await server.createToken({ identity: `publisher-${index}`, roomName });
  const began = performance.now();
  const warning = () => {
    secondAttempts += 1;
  };
  const countPublished = () => {
    published += 1;
  };
  const room = await joinRoom({ url: server.url, token }, { driver: "opus", on: { warning, published: countPublished } });
  const publication = await room.publish(index < speaking ? speech : listening, { name: "voice" });
  joinedMs.push(performance.now() - began);
  return publication;
}

async function subscribe(roomName: string, index: number): Promise<void> {
  const token = await server.createToken({ identity: `subscriber-${index}`, roomName });
  await (counters[index % COUNTING_PROCESSES] as Counters).join(server.url, token, rooms === undefined);
}

async function sentSoFar(): Promise<number> {
  const samples = await Promise.all(publications.map((publication) => publication.networkSample()));
  return samples.reduce((sum, sample) => sum + (sample?.packetsSent ?? 0), 0);
}

async function count(): Promise<{ streams: number; received: number; missing: number; longestGapMs: number }> {
  const all = (await Promise.all(counters.map((counter) => counter.counts()))).flatMap((counts) => Object.values(counts));
  return {
    streams: all.length,
    received: all.reduce((sum, { received }) => sum + received, 0),
    missing: all.reduce((sum, { missing }) => sum + missing, 0),
    longestGapMs: all.reduce((longest, stream) => Math.max(longest, stream.longestGapMs), 0),
  };
}

/** Milliseconds of processor that each part has taken so far. */
async function cpuTimes(): Promise<{ publishers: number; server: number; subscribers: number }> {
  const { user, system } = process.cpuUsage();
  const subscribers = await Promise.all(counters.map(({ pid }) => processorMs(pid)));
  return {
    publishers: (user + system) / 1000,
    server: await processorMs(server.pid ?? 0),
    subscribers: subscribers.reduce((sum, each) => sum + each, 0),
  };
}

/** From Linux's own books, in hundredths of a second; 0 where there are none. */
async function processorMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")).split(") ").at(-1)?.split(" ") ?? [];
  return 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
}
