/** After a stall so much is kept: the rest would only add latency that stays. */
const KEPT_US = 60_000;
/** How much later than ever before a source may become for good (another device, a longer buffer) before we believe it. */
const BELIEVED_AFTER_US = 300_000;
/** The source's clock may run apart from ours by so much; far more than any sound card does. */
const DRIFT = 0.001;

/** Tells which frames of a live source came too late to be worth sending: those of a catch-up burst, but for its newest 60 ms. */
export class StallGuard {
  #floorUs: number | undefined;
  #lastNowUs = 0;
  #lateSinceUs: number | undefined;

  /** Whether the audio captured at `timestampUs` and seen at `nowUs` is stale. The two clocks need not agree. */
  isStale(timestampUs: number, nowUs: number): boolean {
    const latenessUs = nowUs - timestampUs;
    const floorUs = this.#floorUs === undefined ? latenessUs : this.#floorUs + (nowUs - this.#lastNowUs) * DRIFT;
    this.#lastNowUs = nowUs;
    this.#floorUs = Math.min(floorUs, latenessUs);
    if (latenessUs - this.#floorUs <= KEPT_US) {
      this.#lateSinceUs = undefined;
      return false;
    }
    this.#lateSinceUs ??= nowUs;
    if (nowUs - this.#lateSinceUs < BELIEVED_AFTER_US) return true;
    this.#floorUs = latenessUs;
    this.#lateSinceUs = undefined;
    return false;
  }
}
