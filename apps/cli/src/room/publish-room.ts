import { type EncodedCapture, Lifetime, type OpusSettings, type PcmCapture } from "@roomtone/core";
import type { Io } from "../io.js";
import { LeaveRequest } from "../leave.js";
import type { MetricsAddress } from "../metrics/metrics-address.js";
import { openMetrics } from "../metrics/open-metrics.js";
import type { PublishMetrics } from "../metrics/publish-metrics.js";
import type { Output } from "../output/output.js";
import type { CommandEnd } from "../run.js";
import { formatElapsed } from "../screen/status-line.js";
import { Attendance, type RoomPlan } from "./attendance.js";
import { PublishScreen } from "./publish-screen.js";
import { startRecording } from "./recording.js";
import { prepareSources, type Sending, type Source } from "./sources.js";

/** At the end of an input, each room gets so long to send the last of it. */
const LAST_AUDIO_MS = 1000;

/** Everything that `publish` and `dev` decided before the room. */
export interface PublishPlan {
  /** One at least. */
  readonly rooms: readonly RoomPlan[];
  /** By position; a capture without one is called what it is. */
  readonly trackNames: readonly string[];
  /** Opens the captures; `lifetime` closes them. */
  readonly open: (lifetime: Lifetime, signal: AbortSignal) => Promise<readonly (PcmCapture | EncodedCapture)[]>;
  readonly driver: string;
  readonly profile: "voice" | "music" | undefined;
  readonly opus: Partial<OpusSettings>;
  readonly muted: boolean;
  readonly quality: "follow-network" | "fixed";
  /** Leaves that long after everything is live; of several rooms, the first. */
  readonly durationMs: number | undefined;
  readonly recordPath: string | undefined;
  readonly overwrite: boolean;
  readonly statsIntervalMs: number;
  /** Where figures are served; undefined: nowhere. */
  readonly metrics: MetricsAddress | undefined;
  readonly retries: number | undefined;
}

/** Joins, publishes every capture, and stays until somebody or something ends it. */
export async function publishIntoRoom(plan: PublishPlan, io: Io, signal: AbortSignal, output: Output): Promise<CommandEnd> {
  const ending = new AbortController();
  const life = AbortSignal.any([signal, ending.signal]);
  const lifetime = new Lifetime();
  const several = plan.rooms.length > 1;
  let sources: readonly Source[] = [];
  let isLive = false;
  let onMute = () => {};
  const watched = output.json || output.isTerminal || plan.metrics !== undefined;
  const screen = new PublishScreen({
    io,
    output,
    sources: () => sources,
    roomNames: plan.rooms.map(({ access }) => access.roomName),
    leave: () => ending.abort(new LeaveRequest("key")),
  });
  let attendances: readonly Attendance[] = [];
  let failed: unknown;
  try {
    return await stay();
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    screen.leaving();
    ending.abort(new LeaveRequest("signal")); // for the rooms that are still to be joined
    await Promise.all(attendances.map((attendance) => attendance.close()));
    // The first failure is the one to tell: what releasing says after it is its consequence.
    await lifetime.close().catch((error: unknown) => {
      if (failed === undefined) throw error;
    });
    screen.close();
    if (isLive) output.status(`${output.paint("dim", "·")} left after ${formatElapsed(screen.elapsedMs)}`);
  }

  async function stay(): Promise<CommandEnd> {
    const metrics = plan.metrics && (await openMetrics(plan.metrics, lifetime, output));
    attendances = plan.rooms.map((room, index) => attend(room, index, metrics));
    const anyJoined = firstOf(attendances.map(({ joined }) => joined));
    // A token that nobody has seen yet may not allow to publish: then no microphone opens. Else both at once, for each takes a while.
    if (!plan.rooms.every(({ access }) => access.grantsChecked)) await anyJoined;
    const [captures] = await bothOrNeither(plan.open(lifetime, life), anyJoined, (error) => ending.abort(error));
    const encodesOnce = plan.driver === "opus" && (several || plan.recordPath !== undefined);
    sources = await prepareSources(captures, { ...plan, encodesOnce, metered: watched }, lifetime);
    // A microphone is recorded from now on; a file waits for its first listener, which is the room.
    const record = () => (plan.recordPath !== undefined && sources[0] ? recordSource(sources[0]) : undefined);
    const recordedFirst = sources[0]?.published.overflow === "drop-oldest" ? record() : undefined;
    recordedFirst?.catch(() => {}); // it is told below, once everything is published
    const published = attendances.map((attendance) => attendance.publish(sources, lifetime));
    const ends = attendances.map((attendance, index) => attendance.end(published[index] ?? Promise.resolve()));
    await firstOf(published);
    isLive = true;
    screen.live();
    const recorded = recordedFirst ?? record();
    if (plan.durationMs !== undefined) {
      const timer = setTimeout(() => ending.abort(new LeaveRequest("duration")), plan.durationMs);
      lifetime.defer(() => clearTimeout(timer));
    }
    if (watched) startStats();
    return Promise.race([roomsEnd(ends), sourcesEnd(), ...(recorded ? [recorded] : [])]);
  }

  function attend(room: RoomPlan, index: number, metrics: PublishMetrics | undefined): Attendance {
    return new Attendance(room, {
      driver: plan.driver,
      retries: plan.retries,
      signal: life,
      output,
      metrics,
      onEvent: (event) => {
        screen.onRoomEvent(event, index);
        onMute();
      },
      anyJoined: () => firstOf(attendances.map(({ firstTry }) => firstTry)),
    });
  }

  /** All rooms are over: the first that ended with an error says how. */
  async function roomsEnd(ends: readonly Promise<CommandEnd>[]): Promise<CommandEnd> {
    const all = await Promise.all(ends);
    return all.find(({ error }) => error) ?? all[0] ?? { reason: "left" };
  }

  /** Every input has given its last audio, and it was sent. Where all failed, that is how the command ends. */
  async function sourcesEnd(): Promise<CommandEnd> {
    const ends = await Promise.all(
      sources.map(async ({ over, name }) => {
        const end = await over;
        if (end.reason === "source-failed" && sources.length > 1) {
          output.event({ event: "warning", message: `Track ${name} ended: ${end.error?.message ?? "its source failed"}` });
        }
        return end;
      }),
    );
    const everywhere = sources.flatMap(({ sendings }) => sendings.map(({ publication }) => publication.ended));
    await Promise.race([Promise.all(everywhere), new Promise((resolve) => setTimeout(resolve, LAST_AUDIO_MS).unref())]);
    const error = ends.find((end) => end.reason === "source-failed")?.error;
    return error ? { reason: "failed", error } : { reason: "left" };
  }

  /** The recording is silent while nobody is to hear anything. */
  function recordSource(source: Source): Promise<CommandEnd> {
    const isMuted = () => (source.sendings.length > 0 ? source.muted : plan.muted);
    return startRecording(source.published, plan, lifetime, io, life, output, (recording) => {
      onMute = () => recording.setMuted(isMuted());
      onMute();
    });
  }

  function startStats(): void {
    let reading = false;
    const read = async () => {
      if (reading) return;
      reading = true;
      try {
        for (const source of sources) for (const sending of source.sendings) await readOne(source, sending);
      } catch (error) {
        output.detail(`statistics: ${String(error)}`);
      } finally {
        reading = false;
      }
    };
    const readOne = async (source: Source, sending: Sending) => {
      if (sending.room.state.connection !== "connected") return;
      const stats = await sending.stats.read(source.level?.reading.levelDbfs);
      sending.lastStats = stats;
      if (output.json && !life.aborted) output.event(stats, sending.place);
    };
    // Rates are differences: without a reading to begin with, the first one would lack them.
    for (const { sendings } of sources) for (const { stats } of sendings) stats.read(undefined).catch(() => {});
    const timer = setInterval(() => void read(), plan.statsIntervalMs);
    lifetime.defer(() => clearInterval(timer));
  }
}

/** The first that is fulfilled; where none is, the first of the reasons. */
function firstOf<Result>(all: readonly Promise<Result>[]): Promise<Result> {
  return Promise.any(all).catch((error: AggregateError) => {
    throw error.errors[0];
  });
}

/** Both results; where one fails, `abandon` ends the other, which is awaited, and the first failure is thrown. */
async function bothOrNeither<One, Other>(
  one: Promise<One>,
  other: Other | Promise<Other>,
  abandon: (error: unknown) => void,
): Promise<[One, Other]> {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    abandon(error);
    await Promise.allSettled([one, other]);
    throw error;
  }
}
