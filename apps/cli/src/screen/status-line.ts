import type { RoomStatus } from "@roomtone/core";
import { escapeForTerminal } from "../output/escape.js";
import type { Paint, Style } from "../output/paint.js";
import { displayWidth, truncate } from "./width.js";

/** What the status line tells. What is not known is absent. */
export interface Status {
  readonly state: RoomStatus["phase"] | "leaving" | "recording";
  /** The state's word, where it is not the state itself. */
  readonly label?: string | undefined;
  readonly room?: string | undefined;
  readonly others?: number | undefined;
  readonly bitrateBps?: number | undefined;
  readonly lossPercent?: number | undefined;
  readonly roundTripMs?: number | undefined;
  readonly elapsedMs: number;
  /** Whether `m` and `q` are read. */
  readonly keys?: "mute-and-leave" | "leave" | undefined;
}

const STYLES: Readonly<Record<Status["state"], Style>> = {
  connecting: "yellow",
  connected: "yellow",
  publishing: "yellow",
  live: "green",
  muted: "yellow",
  reconnecting: "yellow",
  closed: "dim",
  leaving: "dim",
  recording: "red",
};

interface Part {
  readonly text: string;
  readonly style?: Style;
  /** Parts of the lowest rank go first when the terminal is narrow. */
  readonly rank: number;
}

/** One line, never wider than `columns`: what matters least is left out first. */
export function renderStatus(status: Status, columns: number, paint: Paint): string {
  let parts: Part[] = [
    { text: `● ${status.label ?? status.state}`, style: STYLES[status.state], rank: 9 },
    { text: formatElapsed(status.elapsedMs), rank: 8 },
  ];
  if (status.room !== undefined) parts.push({ text: escapeForTerminal(status.room), style: "bold", rank: 7 });
  if (status.others !== undefined) parts.push({ text: othersText(status.others), rank: 3 });
  if (status.bitrateBps !== undefined) parts.push({ text: `${(status.bitrateBps / 1000).toFixed(0)} kbit/s`, rank: 5 });
  if (status.lossPercent !== undefined)
    parts.push({ text: `loss ${status.lossPercent.toFixed(status.lossPercent < 10 ? 1 : 0)} %`, rank: 4 });
  if (status.roundTripMs !== undefined) parts.push({ text: `${Math.round(status.roundTripMs)} ms`, rank: 2 });
  if (status.keys === "mute-and-leave")
    parts.push({ text: `m ${status.state === "muted" ? "unmute" : "mute"}  q leave`, style: "dim", rank: 6 });
  if (status.keys === "leave") parts.push({ text: "q leave", style: "dim", rank: 6 });
  const widthOf = (line: readonly Part[]) => line.reduce((sum, part) => sum + displayWidth(part.text) + 2, -2);
  while (parts.length > 1 && widthOf(parts) > columns) {
    const lowest = Math.min(...parts.map((part) => part.rank));
    const room = parts.find((part) => part.rank === 7);
    // A room's name is cut before the keys or the clock go.
    if (room && lowest >= 6) {
      const left = columns - (widthOf(parts) - displayWidth(room.text));
      if (left >= 4) {
        parts = parts.map((part) => (part === room ? { ...part, text: truncate(part.text, left) } : part));
        break;
      }
    }
    parts = parts.filter((part) => part.rank !== lowest);
  }
  const line = parts.map((part) => (part.style ? paint(part.style, part.text) : part.text)).join("  ");
  return widthOf(parts) > columns ? truncate(parts.map((part) => part.text).join("  "), columns) : line;
}

function othersText(others: number): string {
  if (others === 0) return "nobody else here";
  return others === 1 ? "1 other" : `${others} others`;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const pad = (value: number) => value.toString().padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
