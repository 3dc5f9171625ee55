import { whenAborted } from "./abort.js";
import type { LiveConnection } from "./live-connection.js";
import { ARRIVAL_PATIENCE_MS, watchArrival } from "./liveness.js";
import type { NetworkSample } from "./publish.js";
import type { Runtime } from "./runtime.js";

const LONGEST_PATIENCE_MS = 60_000;

export interface WatchedTrack {
  readonly link: LiveConnection;
  /** Whether it is still the track of its publication. */
  isCurrent(): boolean;
  /** Whether media should flow: not muted, nor about to be. */
  isSending(): boolean;
  sample(): Promise<NetworkSample | undefined>;
  /** Each reading, while it is live and not muted. */
  onSample(sample: NetworkSample): void;
}

/** Watches a publication's tracks, one after the other over its rejoins, and tells their connection what arrives. */
export class TrackLiveness {
  readonly #runtime: Runtime;
  #patienceMs = ARRIVAL_PATIENCE_MS;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Watches until the track is no longer current or its connection is over. */
  watch({ link, isCurrent, isSending, sample, onSample }: WatchedTrack): void {
    const scope = this.#runtime.createAbortController();
    const stopListening = whenAborted(link.signal, () => scope.abort());
    let arrived = false;
    void watchArrival(this.#runtime, {
      patienceMs: this.#patienceMs,
      isSending: () => {
        if (!isCurrent()) scope.abort();
        return (link.isUsable || link.isStalled) && isSending();
      },
      sample,
      onSample: (reading) => {
        if (isCurrent() && isSending()) onSample(reading);
      },
      onStalled: () => {
        // Connections on which nothing ever arrives are not rebuilt in a tight loop: the readings may be at fault.
        if (!arrived) this.#patienceMs = Math.min(LONGEST_PATIENCE_MS, this.#patienceMs * 2);
        link.stalled();
      },
      onArrival: () => {
        arrived = true;
        this.#patienceMs = ARRIVAL_PATIENCE_MS;
        link.arrives();
      },
      signal: scope.signal,
    }).then(stopListening);
  }
}
