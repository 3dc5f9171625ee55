import { RoomtoneError } from "./errors.js";
import type { LiveConnection } from "./live-connection.js";
import { isNetworkObservable, type NetworkSample, type PublishedTrack } from "./publish.js";
import type { Runtime } from "./runtime.js";
import { bounded } from "./waiting.js";

const READING_DEADLINE_MS = 2000;

/** A publication's statistics: one reading of a track at a time, and whoever asks meanwhile gets the same. */
export class TrackReadings {
  readonly #runtime: Runtime;
  #underWay: { readonly track: PublishedTrack; readonly reading: Promise<NetworkSample> } | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Undefined where the driver knows none, or not in time. Never rejects. */
  async read(track: PublishedTrack, link: LiveConnection): Promise<NetworkSample | undefined> {
    if (!isNetworkObservable(track)) return undefined;
    if (this.#underWay?.track !== track) {
      const underWay = { track, reading: track.networkSample() };
      const done = () => {
        if (this.#underWay === underWay) this.#underWay = undefined;
      };
      this.#underWay = underWay;
      underWay.reading.then(done, done);
    }
    const { reading } = this.#underWay;
    const timeout = () => new RoomtoneError("server-unreachable", "The driver gave no statistics in time.");
    return bounded(this.#runtime, { deadlineMs: READING_DEADLINE_MS, signal: link.signal, timeout }, () => reading).catch(() => undefined);
  }
}
