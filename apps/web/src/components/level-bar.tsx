import { useRef } from "react";
import { useFrames } from "../hooks/use-frames.js";

/** Quietest level that a meter shows. */
const FLOOR_DB = -60;
/** How fast a meter falls: in 40 ms, as a studio's peak meters do. */
const FALL_DB = 1.2;
const PEAK_HOLD_MS = 1_500;
/** Assistive technology is told of levels this often at most. */
const TELL_INTERVAL_MS = 1_000;

interface LevelBarProps {
  readonly label: string;
  /** The level now, 0 to 1 of full scale. */
  readonly read: () => number;
}

/** A ladder of lamps that shows a level, and holds its last peak. */
export function LevelBar({ label, read }: LevelBarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const fill = useRef<HTMLDivElement>(null);
  const peak = useRef<HTMLDivElement>(null);
  const shown = useRef({ levelDb: FLOOR_DB, peakDb: FLOOR_DB, peakAtMs: 0, toldAtMs: Number.NEGATIVE_INFINITY });
  useFrames((nowMs) => {
    const element = bar.current;
    if (!element) return;
    const state = shown.current;
    const nowDb = toDb(read());
    state.levelDb = Math.max(nowDb, state.levelDb - FALL_DB, FLOOR_DB);
    if (nowDb >= state.peakDb || nowMs - state.peakAtMs > PEAK_HOLD_MS) {
      state.peakDb = nowDb;
      state.peakAtMs = nowMs;
    }
    place(fill.current, state.levelDb);
    place(peak.current, state.peakDb);
    if (nowMs - state.toldAtMs < TELL_INTERVAL_MS) return;
    state.toldAtMs = nowMs;
    element.setAttribute("aria-valuenow", String(Math.round(nowDb)));
    element.setAttribute("aria-valuetext", nowDb === FLOOR_DB ? "silent" : `${Math.round(nowDb)} decibels`);
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: browsers draw their own bar in a <meter>, without peak or lamps
    <div
      ref={bar}
      className="level"
      role="meter"
      aria-label={label}
      aria-valuemin={FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={FLOOR_DB}
      aria-valuetext="silent"
    >
      <div ref={fill} className="level-fill" />
      <div ref={peak} className="level-peak" />
    </div>
  );
}

/** Sets how far a part of the ladder reaches. Most bars of a full room stand still, and what is set anew is drawn anew. */
function place(part: HTMLElement | null, levelDb: number): void {
  const darkPercent = `${Math.round((levelDb / FLOOR_DB) * 100)}%`;
  if (part && part.style.getPropertyValue("--dark") !== darkPercent) part.style.setProperty("--dark", darkPercent);
}

function toDb(level: number): number {
  return level > 0 ? Math.min(0, Math.max(FLOOR_DB, 20 * Math.log10(level))) : FLOOR_DB;
}
