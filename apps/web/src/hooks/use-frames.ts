import { useEffect, useRef } from "react";

type Draw = (nowMs: number) => void;

/** Meters are read twenty times a second; drawing them more often shows nothing new. */
const FRAME_INTERVAL_MS = 40;
const draws = new Set<Draw>();
let running = false;
let drawnAtMs = 0;

function tick(nowMs: number): void {
  if (draws.size === 0) {
    running = false;
    return;
  }
  if (nowMs - drawnAtMs >= FRAME_INTERVAL_MS) {
    drawnAtMs = nowMs;
    for (const draw of draws) draw(nowMs);
  }
  requestAnimationFrame(tick);
}

/** Calls `draw` with each frame of one common loop, past React: levels move too often to render for. */
export function useFrames(draw: Draw): void {
  const newest = useRef(draw);
  newest.current = draw;
  useEffect(() => {
    const call: Draw = (nowMs) => newest.current(nowMs);
    draws.add(call);
    if (!running) {
      running = true;
      requestAnimationFrame(tick);
    }
    return () => {
      draws.delete(call);
    };
  }, []);
}
