import type { NetworkSample, Publication } from "@roomtone/core";
import type { StatsEvent } from "../output/events.js";

/** Turns a publication's counters into what a person or a program reads: rates since the reading before. */
export class StatsReader {
  readonly #publication: Publication;
  #before: { sid: string | undefined; sample: NetworkSample } | undefined;

  constructor(publication: Publication) {
    this.#publication = publication;
  }

  /** The newest reading. Counters start anew with another SID, and so do the rates. */
  async read(levelDbfs: number | undefined): Promise<StatsEvent> {
    const sample = await this.#publication.networkSample();
    const { name, sid, muted } = this.#publication.state;
    const before = this.#before?.sid === sid ? this.#before?.sample : undefined;
    if (sample) this.#before = { sid, sample };
    const elapsedMs = sample && before ? sample.timestampMs - before.timestampMs : 0;
    return {
      event: "stats",
      track: name,
      sid,
      muted,
      levelDbfs: levelDbfs === undefined || !Number.isFinite(levelDbfs) ? undefined : Math.round(levelDbfs * 10) / 10,
      ...(sample && {
        bitrateBps:
          before && elapsedMs > 0 ? Math.max(0, Math.round(((sample.bytesSent - before.bytesSent) * 8000) / elapsedMs)) : undefined,
        packetsSent: sample.packetsSent,
        bytesSent: sample.bytesSent,
        packetsLost: sample.packetsLost,
        lossPercent: sample.fractionLost === undefined ? undefined : Math.round(sample.fractionLost * 1000) / 10,
        jitterMs: sample.jitterMs,
        roundTripMs: sample.roundTripMs,
      }),
    };
  }
}
