import { NetworkTrendTracker } from "./network-trend.js";
import type { NetworkSample } from "./publish.js";
import type { ConnectionQuality } from "./room.js";

/** A server's poor opinion of us is explained by loss from here on. */
const EXPLAINS_FROM = 0.02;

/** What is known of the way to one room, or to several together. */
export interface PathReading {
  readonly timestampMs: number;
  /** Smoothed, 0 to 1: what copies help against. */
  readonly loss: number;
  /** Set where more is sent than the path carries, and that is no accident: the figures of the newest report. */
  readonly congestion: { readonly roundTripMs: number; readonly loss: number } | undefined;
  /** Nothing speaks against sending more. */
  readonly clear: boolean;
  readonly availableBitrateBps: number | undefined;
}

/** Reads one path. */
export class PathReader {
  readonly #trend = new NetworkTrendTracker();

  /** Undefined where the reading brings no news. */
  add(sample: NetworkSample, quality: ConnectionQuality = "unknown"): PathReading | undefined {
    const trend = this.#trend.add(sample);
    if (!trend) return undefined;
    const { timestampMs, roundTripMs = 0, availableBitrateBps } = sample;
    // The server's opinion of us is about loss, mostly. Where we know of none, it knows something that we do not.
    const isUnexplained = quality === "poor" && trend.loss < EXPLAINS_FROM;
    return {
      timestampMs,
      loss: trend.loss,
      congestion: trend.confirmed ? { roundTripMs, loss: trend.lossNow } : undefined,
      clear: !trend.congested && !isUnexplained && quality !== "lost",
      availableBitrateBps,
    };
  }
}
