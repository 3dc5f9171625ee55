import { Lifetime, type OpusSettings, type PcmCapture, type Publication, type RoomSession } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Access } from "../config/access.js";
import type { Io } from "../io.js";
import { LeaveRequest } from "../leave.js";
import type { MetricsAddress } from "../metrics/metrics-address.js";
import { openMetrics } from "../metrics/open-metrics.js";
import type { Output } from "../output/output.js";
import type { CommandEnd } from "../run.js";
import { formatElapsed } from "../screen/status-line.js";
import { CaptureLevel, SILENCE } from "./levels.js";
import { PublishScreen } from "./publish-screen.js";
import { startRecording } from "./recording.js";
import { fromRoomEvent } from "./room-events.js";
import { StatsReader } from "./stats.js";

/** Everything that `publish` and `dev` decided before the room. */
export interface PublishPlan {
  readonly access: Access;
  /** By position; a capture without one is called what it is. */
  readonly trackNames: readonly string[];
  /** Opens the captures; `lifetime` closes them. */
  readonly open: (lifetime: Lifetime, signal: AbortSignal) => Promise<readonly PcmCapture[]>;
  readonly driver: string;
  readonly profile: "voice" | "music" | undefined;
  readonly opus: Partial<OpusSettings>;
  readonly muted: boolean;
  /** Leaves that long after everything is live. */
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
  const tracks: LiveTrack[] = [];
  const watched = output.json || output.isTerminal || plan.metrics !== undefined;
  const screen = new PublishScreen({
    io,
    output,
    tracks,
    roomName: plan.access.roomName,
    leave: () => ending.abort(new LeaveRequest("key")),
  });
  let failed: unknown;
  try {
    return await stay();
  } catch (error) {
    failed = error;
    throw error;
  } finally {
    screen.leaving();
    // The first failure is the one to tell: what releasing says after it is its consequence.
    await lifetime.close().catch((error: unknown) => {
      if (failed === undefined) throw error;
    });
    screen.close();
    if (tracks.length > 0) output.status(`${output.paint("dim", "·")} left after ${formatElapsed(screen.elapsedMs)}`);
  }

  async function stay(): Promise<CommandEnd> {
    const { joinRoom } = await loadAudio();
    const metrics = plan.metrics && (await openMetrics(plan.metrics, lifetime, output));
    const join = async () =>
      lifetime.own(
        await joinRoom(plan.access.credentials, {
          driver: plan.driver,
          signal: life,
          ...(plan.retries !== undefined && { joinRetries: plan.retries, rejoinRetries: plan.retries }),
          on: {
            any: (event) => {
              screen.onRoomEvent(event);
              metrics?.onRoomEvent(plan.access.roomName ?? "", event);
              const told = fromRoomEvent(event);
              if (told) output.event(told);
            },
          },
        }),
        (joined) => joined.close(),
      );
    // A token that nobody has seen yet may not allow to publish: then no microphone opens. Else both at once, for each takes a while.
    const first = plan.access.grantsChecked ? undefined : await join();
    const [captures, room] = await bothOrNeither(plan.open(lifetime, life), first ?? join(), (error) => ending.abort(error));
    // A microphone is recorded from now on; a file waits for its first listener, which is the room.
    const record = () =>
      plan.recordPath !== undefined && captures[0] ? startRecording(captures[0], plan, lifetime, io, life, output) : undefined;
    const recordedFirst = captures[0]?.overflow === "drop-oldest" ? record() : undefined;
    recordedFirst?.catch(() => {}); // it is told below, once everything is published
    for (const [index, capture] of captures.entries()) {
      const name = plan.trackNames[index] ?? capture.source.kind;
      const publication = await room.publish(capture, {
        name,
        muted: plan.muted,
        opus: plan.opus,
        ...(plan.profile !== undefined && { profile: plan.profile }),
      });
      const level = watched ? lifetime.own(new CaptureLevel(capture), (open) => open.close()) : undefined;
      tracks.push({ name, publication, level, stats: new StatsReader(publication) });
      metrics?.add({
        room: plan.access.roomName ?? "",
        name,
        publication,
        capture,
        levelDbfs: () => level?.reading.levelDbfs ?? SILENCE.levelDbfs,
      });
    }
    screen.live();
    const recorded = recordedFirst ?? record();
    if (plan.durationMs !== undefined) {
      const timer = setTimeout(() => ending.abort(new LeaveRequest("duration")), plan.durationMs);
      lifetime.defer(() => clearTimeout(timer));
    }
    if (watched) startStats(room);
    return Promise.race([roomEnd(room), sourcesEnd(), ...(recorded ? [recorded] : [])]);
  }

  async function roomEnd(room: RoomSession): Promise<CommandEnd> {
    const { reason, error } = await room.closed;
    return { reason, error };
  }

  /** Every capture has given its last audio, and it was sent. Where all failed, that is how the command ends. */
  async function sourcesEnd(): Promise<CommandEnd> {
    const ends = await Promise.all(
      tracks.map(async ({ publication, name }) => {
        const end = await publication.ended;
        if (end.reason === "source-failed" && tracks.length > 1) {
          output.event({ event: "warning", message: `Track ${name} ended: ${end.error?.message ?? "its source failed"}` });
        }
        return end;
      }),
    );
    // The room's own end says more than that of what was published in it.
    if (ends.some((end) => end.reason === "room-closed")) return new Promise(() => {});
    const error = ends.find((end) => end.reason === "source-failed")?.error;
    return error ? { reason: "failed", error } : { reason: "left" };
  }

  function startStats(room: RoomSession): void {
    let reading = false;
    const read = async () => {
      if (reading || room.state.connection !== "connected") return;
      reading = true;
      try {
        for (const track of tracks) {
          const stats = await track.stats.read(track.level?.reading.levelDbfs);
          track.lastStats = stats;
          if (output.json && !life.aborted) output.event(stats);
        }
      } catch (error) {
        output.detail(`statistics: ${String(error)}`);
      } finally {
        reading = false;
      }
    };
    // Rates are differences: without a reading to begin with, the first one would lack them.
    for (const track of tracks) track.stats.read(undefined).catch(() => {});
    const timer = setInterval(() => void read(), plan.statsIntervalMs);
    lifetime.defer(() => clearInterval(timer));
  }
}

/** A track as the screen and the statistics see it. */
export interface LiveTrack {
  readonly name: string;
  readonly publication: Publication;
  /** Absent where nobody looks. */
  readonly level: CaptureLevel | undefined;
  readonly stats: StatsReader;
  lastStats?: Awaited<ReturnType<StatsReader["read"]>>;
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
