import type { NetworkSample } from "./publish.js";

/** The round trip of an idle path is forgotten after so long: paths change. */
const BASE_WINDOW_MS = 60_000;
/** How much each report counts: reports cover some 50 packets, of which one lost says 2 % where a tenth of that is the truth. */
const LOSS_SHARE = 0.2;
/** Above the idle round trip by so much, and by half of it, means that queues on the way fill. */
const QUEUE_MS = 30;
const QUEUE_SHARE = 0.5;
/** So much queueing says congestion without any loss: buffers on the way are deep. */
const DEEP_QUEUE_MS = 250;
/** Less than this is the network's noise. */
const LOSS_THAT_COUNTS = 0.02;

/** What readings of the network add up to. */
export interface NetworkTrend {
  /** Smoothed, 0 to 1, of what was lost while the path was not full: that is what copies help against. */
  readonly loss: number;
  /** Of the newest report. */
  readonly lossNow: number;
  /** Loss while the round trip rises, or a round trip far above the idle path's: more is sent than the path carries. */
  readonly congested: boolean;
  /** Of `congested`: so bad that one reading is enough. */
  readonly severe: boolean;
}

/** Tells random loss from congestion: on a path that is full, packets wait before they are dropped. */
export class NetworkTrendTracker {
  #loss = 0;
  #arrivedMark: number | undefined;
  #roundTrips: { readonly atMs: number; readonly valueMs: number }[] = [];

  /** Undefined where the reading brings no news: the server has not reported since the one before, or nothing was sent. */
  add(sample: NetworkSample): NetworkTrend | undefined {
    if (sample.arrivedMark !== undefined && sample.arrivedMark === this.#arrivedMark) return undefined;
    this.#arrivedMark = sample.arrivedMark;
    const lossNow = Math.min(1, Math.max(0, sample.fractionLost ?? 0));
    const queueMs = this.#queueing(sample);
    const filling = queueMs > QUEUE_MS;
    const congested = (filling && lossNow > LOSS_THAT_COUNTS) || queueMs > DEEP_QUEUE_MS;
    if (!congested) this.#loss += (lossNow - this.#loss) * LOSS_SHARE;
    return { loss: this.#loss, lossNow, congested, severe: congested && lossNow > 0.1 };
  }

  /** How much longer than on the idle path the round trip takes; less than half of that path's own counts as nothing. */
  #queueing({ timestampMs, roundTripMs }: NetworkSample): number {
    if (roundTripMs === undefined) return 0;
    this.#roundTrips = this.#roundTrips.filter(({ atMs }) => timestampMs - atMs < BASE_WINDOW_MS);
    this.#roundTrips.push({ atMs: timestampMs, valueMs: roundTripMs });
    const idleMs = Math.min(...this.#roundTrips.map(({ valueMs }) => valueMs));
    const queueMs = roundTripMs - idleMs;
    return queueMs > idleMs * QUEUE_SHARE ? queueMs : 0;
  }
}
