/** Time for pacing, so that tests own it. */
export interface PaceClock {
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

export const systemPaceClock: PaceClock = {
  nowMs: () => performance.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
