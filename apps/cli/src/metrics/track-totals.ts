import type { NetworkSample, Publication } from "@roomtone/core";

/** A publication's counters over all its rejoins: the driver's begin anew with each, these go on. */
export class TrackTotals {
  readonly #publication: Publication;
  #sid: string | undefined;
  #sample: NetworkSample | undefined;
  #packetsBefore = 0;
  #bytesBefore = 0;
  #lostBefore = 0;
  #sentAtMs: number | undefined;

  constructor(publication: Publication) {
    this.#publication = publication;
  }

  get packetsSent(): number {
    return this.#packetsBefore + (this.#sample?.packetsSent ?? 0);
  }

  get bytesSent(): number {
    return this.#bytesBefore + (this.#sample?.bytesSent ?? 0);
  }

  get packetsLost(): number {
    return this.#lostBefore + (this.#sample?.packetsLost ?? 0);
  }

  /** Of the connection of now; undefined while there is none. */
  get sample(): NetworkSample | undefined {
    return this.#sample;
  }

  /** When a reading last showed that more was sent and, where the driver knows, that more arrived. */
  get sentAtMs(): number | undefined {
    return this.#sentAtMs;
  }

  async read(nowMs: () => number): Promise<void> {
    const sample = await this.#publication.networkSample();
    const { sid } = this.#publication.state;
    if (sid !== this.#sid || !sample) {
      this.#keep();
      this.#sid = sid;
    }
    const before = this.#sample;
    this.#sample = sample;
    if (!sample || !before) return;
    const arrives = sample.arrivedMark === undefined || sample.arrivedMark > (before.arrivedMark ?? 0);
    if (sample.packetsSent > before.packetsSent && arrives) this.#sentAtMs = nowMs();
  }

  #keep(): void {
    this.#packetsBefore = this.packetsSent;
    this.#bytesBefore = this.bytesSent;
    this.#lostBefore = this.packetsLost;
    this.#sample = undefined;
  }
}
