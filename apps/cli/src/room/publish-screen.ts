import { describeRoom, initialRoomState, type RoomEvent, type RoomState, type RoomStatus, reduceRoom } from "@roomtone/core";
import type { Io } from "../io.js";
import { escapeForTerminal } from "../output/escape.js";
import type { Output } from "../output/output.js";
import type { Paint } from "../output/paint.js";
import { renderLevel, renderMeter } from "../screen/meter.js";
import { openScreen } from "../screen/screen.js";
import { renderStatus } from "../screen/status-line.js";
import { displayWidth, truncate } from "../screen/width.js";
import { SILENCE } from "./levels.js";
import type { Source } from "./sources.js";

/** More meters than this push the rest of the terminal away; the tracks are there all the same. */
const MAX_METERS = 4;
const LEVEL_COLUMNS = 8;
const MAX_METER_COLUMNS = 60;

export interface PublishScreenOptions {
  readonly io: Io;
  readonly output: Output;
  readonly sources: () => readonly Source[];
  /** One a room; undefined where it is not known yet. */
  readonly roomNames: readonly (string | undefined)[];
  readonly leave: () => void;
}

/** With several rooms, the line tells how the best of them does. */
const BEST_FIRST: readonly RoomStatus["phase"][] = ["live", "muted", "publishing", "connected", "reconnecting", "connecting", "closed"];

/** What a person sees and does while publishing: a meter a track, one line of status, `m` and `q`. */
export class PublishScreen {
  readonly #options: PublishScreenOptions;
  readonly #close: () => void;
  #rooms: readonly RoomState[];
  #leaving = false;
  #sinceMs = performance.now();

  constructor(options: PublishScreenOptions) {
    this.#options = options;
    this.#rooms = options.roomNames.map(() => initialRoomState);
    this.#close = openScreen({
      io: options.io,
      output: options.output,
      render: (columns, paint, keysWork) => this.#render(columns, paint, keysWork),
      onKey: (key) => this.#onKey(key),
    });
  }

  /** `index` says which room it happened in. */
  onRoomEvent(event: RoomEvent, index: number): void {
    this.#rooms = this.#rooms.map((room, at) => (at === index ? reduceRoom(room, event) : room));
  }

  /** The clock starts here. */
  live(): void {
    this.#sinceMs = performance.now();
  }

  /** Since everything was published. */
  get elapsedMs(): number {
    return performance.now() - this.#sinceMs;
  }

  leaving(): void {
    this.#leaving = true;
  }

  close(): void {
    this.#close();
  }

  #onKey(key: string): void {
    if (key === "q" || key === "Q") {
      this.#leaving = true;
      this.#options.leave();
    }
    if (key === "m" || key === "M") {
      const muted = !this.#isMuted();
      for (const { sendings } of this.#options.sources()) {
        for (const { publication } of sendings)
          publication.setMuted(muted).catch((error: unknown) => this.#options.output.detail(String(error)));
      }
    }
  }

  #isMuted(): boolean {
    const sources = this.#options.sources();
    return sources.length > 0 && sources.every((source) => source.muted);
  }

  #where(statuses: readonly RoomStatus[]): string | undefined {
    if (statuses.length === 1) return this.#rooms[0]?.room?.name ?? this.#options.roomNames[0];
    const live = statuses.filter(({ phase }) => phase === "live" || phase === "muted").length;
    return `${live} of ${statuses.length} rooms live`;
  }

  #render(columns: number, paint: Paint, keysWork: boolean): readonly string[] {
    const tracks = this.#options.sources();
    const shown = tracks.filter(({ level }) => level !== undefined).slice(0, MAX_METERS);
    const nameColumns =
      shown.length > 1
        ? Math.min(Math.floor(columns / 3), Math.max(...shown.map((track) => displayWidth(escapeForTerminal(track.name)))))
        : 0;
    const lines = shown.map((track) => {
      const name = nameColumns > 0 ? truncate(escapeForTerminal(track.name), nameColumns) : "";
      const label = nameColumns > 0 ? `${name}${" ".repeat(nameColumns - displayWidth(name) + 1)}` : "";
      const barColumns = Math.min(MAX_METER_COLUMNS, columns - LEVEL_COLUMNS - (nameColumns > 0 ? nameColumns + 1 : 0));
      const dimmed = track.muted ? (_style: unknown, text: string) => paint("dim", text) : paint;
      const reading = track.level?.reading ?? SILENCE;
      return `${label}${renderMeter(reading, Math.max(1, barColumns), dimmed)} ${renderLevel(reading)}`;
    });
    const stats = tracks.flatMap(({ sendings }) => sendings.map(({ lastStats }) => lastStats)).filter((one) => one !== undefined);
    const known = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
    const bitrates = known(stats.map((one) => one.bitrateBps));
    const losses = known(stats.map((one) => one.lossPercent));
    const statuses = this.#rooms.map(describeRoom);
    const { phase, label, others } =
      BEST_FIRST.flatMap((best) => statuses.filter((status) => status.phase === best))[0] ?? describeRoom(initialRoomState);
    const isLive = phase === "live" && !this.#leaving;
    return [
      ...lines,
      renderStatus(
        {
          ...(this.#leaving ? { state: "leaving" } : { state: phase, label }),
          room: this.#where(statuses),
          others: this.#rooms.length === 1 && this.#rooms[0]?.room ? others : undefined,
          elapsedMs: this.elapsedMs,
          bitrateBps: isLive && bitrates.length > 0 ? bitrates.reduce((sum, value) => sum + value, 0) : undefined,
          lossPercent: isLive && losses.length > 0 ? Math.max(...losses) : undefined,
          roundTripMs: isLive ? known(stats.map((one) => one.roundTripMs))[0] : undefined,
          keys: keysWork && !this.#leaving ? "mute-and-leave" : undefined,
        },
        columns,
        paint,
      ),
    ];
  }
}
