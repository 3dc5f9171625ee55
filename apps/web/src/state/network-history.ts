import type { NetworkSample } from "@roomtone/core";
import { Store } from "./store.js";

/** One point of the chart: what was between two samples. Undefined where nothing is known. */
export interface NetworkPoint {
  readonly atMs: number;
  readonly bitrateBps: number | undefined;
  readonly lossPercent: number | undefined;
  readonly jitterMs: number | undefined;
  readonly roundTripMs: number | undefined;
}

const HISTORY_MS = 600_000;
/** Ten minutes at one sample a second. What is older goes, so that a page left open does not grow. */
const MAX_POINTS = 600;

/** How the publication has fared in the last ten minutes. */
export class NetworkHistory extends Store<readonly NetworkPoint[]> {
  #last: NetworkSample | undefined;

  constructor() {
    super([]);
  }

  /** `sample`: what the publication says now, undefined while there is none. `atMs`: monotonic. */
  add(sample: NetworkSample | undefined, atMs: number): void {
    const point = measure(this.#last, sample, atMs);
    this.#last = sample;
    const kept = this.get().filter((one) => one.atMs > atMs - HISTORY_MS);
    this.set([...kept.slice(1 - MAX_POINTS), point]);
  }
}

function measure(before: NetworkSample | undefined, now: NetworkSample | undefined, atMs: number): NetworkPoint {
  const elapsedMs = before && now ? now.timestampMs - before.timestampMs : 0;
  const bytes = before && now ? now.bytesSent - before.bytesSent : -1;
  return {
    atMs,
    // A counter that runs backwards belongs to another connection.
    bitrateBps: elapsedMs > 0 && bytes >= 0 ? (bytes * 8 * 1000) / elapsedMs : undefined,
    lossPercent: now?.fractionLost === undefined ? undefined : now.fractionLost * 100,
    jitterMs: now?.jitterMs,
    roundTripMs: now?.roundTripMs,
  };
}
