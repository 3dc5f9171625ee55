import type { RoomEvent } from "@roomtone/core";
import type { Io } from "../io.js";
import { escapeForTerminal } from "../output/escape.js";
import type { Output } from "../output/output.js";
import type { Paint } from "../output/paint.js";
import { renderLevel, renderMeter } from "../screen/meter.js";
import { openScreen } from "../screen/screen.js";
import { renderStatus, type Status } from "../screen/status-line.js";
import { displayWidth, truncate } from "../screen/width.js";
import { SILENCE } from "./levels.js";
import type { LiveTrack } from "./publish-room.js";

/** More meters than this push the rest of the terminal away; the tracks are there all the same. */
const MAX_METERS = 4;
const LEVEL_COLUMNS = 8;
const MAX_METER_COLUMNS = 60;

export interface PublishScreenOptions {
  readonly io: Io;
  readonly output: Output;
  /** Grows as tracks become live. */
  readonly tracks: readonly LiveTrack[];
  readonly roomName: string | undefined;
  readonly leave: () => void;
}

/** What a person sees and does while publishing: a meter a track, one line of status, `m` and `q`. */
export class PublishScreen {
  readonly #options: PublishScreenOptions;
  readonly #close: () => void;
  #state: Status["state"] = "connecting";
  #roomName: string | undefined;
  #others: number | undefined;
  #sinceMs = performance.now();

  constructor(options: PublishScreenOptions) {
    this.#options = options;
    this.#roomName = options.roomName;
    this.#close = openScreen({
      io: options.io,
      output: options.output,
      render: (columns, paint, keysWork) => this.#render(columns, paint, keysWork),
      onKey: (key) => this.#onKey(key),
    });
  }

  onRoomEvent(event: RoomEvent): void {
    if (event.type === "connected" || event.type === "reconnected") {
      this.#roomName = event.room.name;
      this.#others = event.participants.length;
    }
    if (event.type === "participant-joined") this.#others = (this.#others ?? 0) + 1;
    if (event.type === "participant-left") this.#others = Math.max(0, (this.#others ?? 1) - 1);
    if (this.#state === "leaving") return;
    if (event.type === "connected") this.#state = "publishing";
    if (event.type === "reconnecting") this.#state = "reconnecting";
    if (event.type === "reconnected") this.#state = "live";
  }

  /** Everything is published; the clock starts here. */
  live(): void {
    if (this.#state !== "leaving" && this.#state !== "reconnecting") this.#state = "live";
    this.#sinceMs = performance.now();
  }

  /** Since everything was published. */
  get elapsedMs(): number {
    return performance.now() - this.#sinceMs;
  }

  leaving(): void {
    this.#state = "leaving";
  }

  close(): void {
    this.#close();
  }

  #onKey(key: string): void {
    if (key === "q" || key === "Q") {
      this.#state = "leaving";
      this.#options.leave();
    }
    if (key === "m" || key === "M") {
      const muted = !this.#isMuted();
      for (const { publication } of this.#options.tracks)
        publication.setMuted(muted).catch((error: unknown) => this.#options.output.detail(String(error)));
    }
  }

  #isMuted(): boolean {
    const { tracks } = this.#options;
    return tracks.length > 0 && tracks.every((track) => track.publication.state.muted);
  }

  #render(columns: number, paint: Paint, keysWork: boolean): readonly string[] {
    const { tracks } = this.#options;
    const shown = tracks.slice(0, MAX_METERS);
    const nameColumns =
      shown.length > 1
        ? Math.min(Math.floor(columns / 3), Math.max(...shown.map((track) => displayWidth(escapeForTerminal(track.name)))))
        : 0;
    const lines = shown.map((track) => {
      const name = nameColumns > 0 ? truncate(escapeForTerminal(track.name), nameColumns) : "";
      const label = nameColumns > 0 ? `${name}${" ".repeat(nameColumns - displayWidth(name) + 1)}` : "";
      const barColumns = Math.min(MAX_METER_COLUMNS, columns - LEVEL_COLUMNS - (nameColumns > 0 ? nameColumns + 1 : 0));
      const dimmed = track.publication.state.muted ? (_style: unknown, text: string) => paint("dim", text) : paint;
      const reading = track.level?.reading ?? SILENCE;
      return `${label}${renderMeter(reading, Math.max(1, barColumns), dimmed)} ${renderLevel(reading)}`;
    });
    const stats = tracks.map((track) => track.lastStats).filter((one) => one !== undefined);
    const known = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);
    const bitrates = known(stats.map((one) => one.bitrateBps));
    const losses = known(stats.map((one) => one.lossPercent));
    const isLive = this.#state === "live";
    return [
      ...lines,
      renderStatus(
        {
          state: isLive && this.#isMuted() ? "muted" : this.#state,
          room: this.#roomName,
          others: this.#others,
          elapsedMs: this.elapsedMs,
          bitrateBps: isLive && bitrates.length > 0 ? bitrates.reduce((sum, value) => sum + value, 0) : undefined,
          lossPercent: isLive && losses.length > 0 ? Math.max(...losses) : undefined,
          roundTripMs: isLive ? known(stats.map((one) => one.roundTripMs))[0] : undefined,
          keys: keysWork && this.#state !== "leaving" ? "mute-and-leave" : undefined,
        },
        columns,
        paint,
      ),
    ];
  }
}
