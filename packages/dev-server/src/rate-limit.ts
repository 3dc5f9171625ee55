export interface RateLimitOptions {
  /** So many at once, after a pause. */
  readonly burst: number;
  /** So many a second for as long as one likes. */
  readonly perS: number;
}

/** A bucket of permissions that fills at a steady rate. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #nowMs: () => number;
  #left: number;
  #filledMs: number;

  constructor(options: RateLimitOptions, nowMs: () => number = () => performance.now()) {
    this.#options = options;
    this.#nowMs = nowMs;
    this.#left = options.burst;
    this.#filledMs = nowMs();
  }

  /** Takes one permission; false where none is left. */
  take(): boolean {
    const nowMs = this.#nowMs();
    this.#left = Math.min(this.#options.burst, this.#left + ((nowMs - this.#filledMs) / 1000) * this.#options.perS);
    this.#filledMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
