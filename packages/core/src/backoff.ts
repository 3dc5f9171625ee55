const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * Growing pauses between attempts: 250 ms, doubled up to 5 s, each between half of itself and the whole,
 * so that a fleet whose joins fail together does not come back together.
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure. */
  fail(): void {
    this.#failures += 1;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** How long to wait now, in milliseconds: 0 where nothing failed. */
  pauseMs(): number {
    if (this.#failures === 0) return 0;
    const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures - 1, 10));
    return wholeMs * (0.5 + this.#random() / 2);
  }
}
