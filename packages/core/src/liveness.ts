import type { AbortSignalLike } from "./abort.js";
import type { NetworkSample } from "./publish.js";
import type { Runtime } from "./runtime.js";
import { sleep } from "./waiting.js";

/** How long nothing may arrive while packets go out. The server reports about once a second. */
export const ARRIVAL_PATIENCE_MS = 3000;

const POLL_MS = 1000;
/** While stalled: how soon one sees that media arrives again. */
const STALLED_POLL_MS = 250;

export type ArrivalVerdict =
  /** More has arrived since the reading before. */
  | "arrives"
  /** Nothing is known, or nothing was sent. */
  | "quiet"
  /** Packets go out and the mark stands still, or audio goes in and no packet out; but not for long yet. */
  | "still"
  /** That, for the patience. */
  | "stalled";

/** So much more of the patience has a track that sends nothing at all: its way may only be being made. */
const NOTHING_SENT_FACTOR = 2;

/**
 * Tells from readings whether media arrives: packets go out at every reading, but the mark of what arrived stands still; or audio
 * goes in at every reading, and no packet out. A reading with nothing to send (a pause of the source, silence) begins the wait anew.
 */
export class ArrivalWatch {
  readonly #patienceMs: number;
  #last: NetworkSample | undefined;
  #stillSinceMs: number | undefined;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Forgets what it saw, as after a mute: the next reading begins anew. */
  reset(): void {
    this.#last = undefined;
    this.#stillSinceMs = undefined;
  }

  add(sample: NetworkSample): ArrivalVerdict {
    const last = this.#last;
    this.#last = sample;
    const goesOut = last !== undefined && sample.packetsSent > last.packetsSent;
    const arrives = last?.arrivedMark !== undefined && (sample.arrivedMark ?? 0) > last.arrivedMark;
    if (arrives || !last || !(goesOut ? isUnmoved(sample, last) : goesIn(sample, last))) {
      this.#stillSinceMs = undefined;
      return arrives ? "arrives" : "quiet";
    }
    this.#stillSinceMs ??= last.timestampMs;
    const patienceMs = this.#patienceMs * (goesOut ? 1 : NOTHING_SENT_FACTOR);
    return sample.timestampMs - this.#stillSinceMs >= patienceMs ? "stalled" : "still";
  }
}

/** Whether it is known that nothing more has arrived. */
function isUnmoved({ arrivedMark }: NetworkSample, last: NetworkSample): boolean {
  return arrivedMark !== undefined && arrivedMark === last.arrivedMark;
}

function goesIn({ audioTakenMs }: NetworkSample, last: NetworkSample): boolean {
  return audioTakenMs !== undefined && last.audioTakenMs !== undefined && audioTakenMs > last.audioTakenMs;
}

export interface ArrivalWatchOptions {
  readonly patienceMs: number;
  /** Whether media should flow now: live and not muted. */
  isSending(): boolean;
  /** Bounded by whoever gives it; undefined where there is no reading. */
  sample(): Promise<NetworkSample | undefined>;
  /** At each reading. */
  onSample(sample: NetworkSample): void;
  onStalled(): void;
  /** At each reading that shows more arriving. */
  onArrival(): void;
  readonly signal: AbortSignalLike;
}

/** Watches one live track until the signal aborts. Never rejects. */
export async function watchArrival(runtime: Runtime, options: ArrivalWatchOptions): Promise<void> {
  const watch = new ArrivalWatch(options.patienceMs);
  let stalled = false;
  try {
    for (;;) {
      await sleep(runtime, stalled ? STALLED_POLL_MS : POLL_MS, options.signal);
      if (!options.isSending()) {
        watch.reset();
        stalled = false;
        continue;
      }
      const sample = await options.sample();
      if (!sample || options.signal.aborted) continue;
      options.onSample(sample);
      const verdict = watch.add(sample);
      if (verdict === "arrives") {
        stalled = false;
        options.onArrival();
      } else if (verdict === "stalled" && !stalled) {
        stalled = true;
        options.onStalled();
      }
    }
  } catch {
    // The signal ended the watch.
  }
}
