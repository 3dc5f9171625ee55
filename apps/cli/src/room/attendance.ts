import { isRoomtoneError, type Lifetime, type RoomClosed, type RoomEvent, type RoomSession, type RoomtoneError } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Access } from "../config/access.js";
import type { PublishMetrics } from "../metrics/publish-metrics.js";
import type { Place } from "../output/events.js";
import type { Output } from "../output/output.js";
import { asOurs } from "../run.js";
import { closedReason, fromRoomEvent } from "./room-events.js";
import type { Source } from "./sources.js";
import { StatsReader } from "./stats.js";

/** A room to publish into. */
export interface RoomPlan {
  readonly access: Access;
  /** Where there are several. */
  readonly place?: Place;
}

export interface AttendanceOptions {
  readonly driver: string;
  readonly retries: number | undefined;
  readonly signal: AbortSignal;
  readonly output: Output;
  readonly metrics: PublishMetrics | undefined;
  readonly onEvent: (event: RoomEvent) => void;
  /** Resolves when any room was joined at its first try, rejects when none was: then nobody keeps trying. */
  readonly anyJoined: () => Promise<unknown>;
}

/** Our presence in one of the rooms. What happens to it touches no other. */
export class Attendance {
  readonly plan: RoomPlan;
  /** The first try, with its few retries. */
  readonly firstTry: Promise<RoomSession>;
  /** The room, when it is joined at last. */
  readonly joined: Promise<RoomSession>;
  readonly #options: AttendanceOptions;

  constructor(plan: RoomPlan, options: AttendanceOptions) {
    this.plan = plan;
    this.#options = options;
    this.firstTry = this.#join(options.retries);
    this.joined = plan.place ? this.firstTry.catch((error: unknown) => this.#keepTrying(error)) : this.firstTry;
    this.joined.catch(() => {}); // whoever waits for it is told
  }

  get #name(): string {
    return this.plan.place?.label ?? this.plan.access.roomName ?? "";
  }

  /** Publishes every source, once the room is there. Where one is refused, the room is left, and the others go on. */
  async publish(sources: readonly Source[], lifetime: Lifetime): Promise<void> {
    const room = await this.joined;
    try {
      for (const source of sources) {
        const publication = await room.publish(source.published, source.options);
        this.#options.metrics?.add({
          room: this.#name,
          name: source.name,
          publication,
          capture: source.capture,
          levelDbfs: () => source.level?.reading.levelDbfs ?? Number.NaN,
        });
        source.add({ room, place: this.plan.place, publication, stats: new StatsReader(publication) }, lifetime);
      }
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** How it ended, told where there are others. `live` is what `publish` returned. */
  async end(live: Promise<void>): Promise<RoomClosed> {
    const { signal, output } = this.#options;
    let closed: RoomClosed;
    try {
      await live;
      closed = await (await this.joined).closed;
    } catch (error) {
      const ours = asOurs(error);
      closed = { reason: closedReason(ours.code), error: ours };
    }
    if (this.plan.place && !signal.aborted) {
      const { reason, error } = closed;
      output.event({ event: "room-closed", reason, ...(error && { code: error.code, message: error.message }) }, this.plan.place);
    }
    return closed;
  }

  /** Leaves, or stops trying to come: the signal was aborted. */
  async close(): Promise<void> {
    await this.joined.then(
      (room) => room.close(),
      () => {},
    );
  }

  async #join(retries: number | undefined): Promise<RoomSession> {
    const { driver, signal, output, metrics, onEvent } = this.#options;
    const { joinRoom } = await loadAudio();
    return joinRoom(this.plan.access.credentials, {
      driver,
      signal,
      ...(retries !== undefined && { joinRetries: retries }),
      ...(this.#options.retries !== undefined && { rejoinRetries: this.#options.retries }),
      on: {
        any: (event) => {
          onEvent(event);
          metrics?.onRoomEvent(this.#name, event);
          const told = fromRoomEvent(event);
          if (told) output.event(told, this.plan.place);
        },
      },
    });
  }

  /** While other rooms are live, one that cannot be reached is no reason to give it up. */
  async #keepTrying(error: unknown): Promise<RoomSession> {
    const { signal, retries, anyJoined, output } = this.#options;
    if (signal.aborted || retries !== undefined || !isPassing(error)) throw error;
    await anyJoined().catch(() => {
      throw error;
    });
    if (signal.aborted) throw error;
    output.event(
      { event: "warning", message: `${error.message} It is tried again while the other rooms go on.`, code: error.code },
      this.plan.place,
    );
    return this.#join(Number.POSITIVE_INFINITY);
  }
}

function isPassing(error: unknown): error is RoomtoneError {
  return (["server-unreachable", "endpoint-unreachable", "server-full"] as const).some((code) => isRoomtoneError(error, code));
}
