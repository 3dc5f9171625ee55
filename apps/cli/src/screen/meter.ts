import type { Paint, Style } from "../output/paint.js";

/** What a meter shows, in dB relative to full scale: 0 is the loudest there is. */
export interface MeterReading {
  readonly levelDbfs: number;
  /** The highest recent peak, held for a while. */
  readonly peakDbfs: number;
  /** For so long that somebody should look whether the microphone is dead. */
  readonly silent: boolean;
}

/** Where the bar begins: below this a room is quiet, and nobody tunes a microphone there. */
const FLOOR_DBFS = -60;
/** From here on the bar warns, and from the second on it alarms: speech belongs below the first. */
const WARM_DBFS = -12;
const HOT_DBFS = -3;

/**
 * A level bar of exactly `columns` characters: filled up to the level, with a mark at the held peak.
 * The colour of a cell is that of the level it stands for, so that the bar turns yellow and red from the right.
 */
export function renderMeter(reading: MeterReading, columns: number, paint: Paint): string {
  const cellOf = (dbfs: number) => Math.floor(((Math.max(FLOOR_DBFS, Math.min(0, dbfs)) - FLOOR_DBFS) / -FLOOR_DBFS) * columns);
  const filled = cellOf(reading.levelDbfs);
  const peakCell = reading.peakDbfs > FLOOR_DBFS ? Math.min(columns - 1, cellOf(reading.peakDbfs)) : -1;
  let bar = "";
  let run = "";
  let runStyle: Style = "dim";
  const flush = () => {
    if (run) bar += paint(runStyle, run);
    run = "";
  };
  for (let cell = 0; cell < columns; cell += 1) {
    const cellDbfs = FLOOR_DBFS - (FLOOR_DBFS * cell) / columns;
    const loud: Style = cellDbfs >= HOT_DBFS ? "red" : cellDbfs >= WARM_DBFS ? "yellow" : "green";
    const isPeak = cell === peakCell && cell >= filled;
    const style: Style = cell < filled || isPeak ? loud : "dim";
    if (style !== runStyle) flush();
    runStyle = style;
    run += cell < filled ? "█" : isPeak ? "▏" : "·";
  }
  flush();
  return bar;
}

/** The level as a number of constant width: ` -18 dB`, `   — dB`, or `silent`. */
export function renderLevel({ levelDbfs, silent }: MeterReading): string {
  if (silent) return " silent";
  return levelDbfs > -90 ? `${Math.round(levelDbfs).toString().padStart(4)} dB` : "   — dB";
}
