const FIRST_MS = 250;
const LONGEST_MS = 5000;
/** A server that asks for a longer pause is asked again after this one. */
const LONGEST_ASKED_MS = 60_000;

/**
 * Growing pauses between attempts: 250 ms, doubled up to 5 s, each between half of itself and the whole,
 * so that a fleet whose joins fail together does not come back together.
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure that was at `failedMs`: the pause runs from there, and begins after `askedMs` where the server asked for that. */
  fail(failedMs: number, askedMs = 0): void {
    const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#nextMs = failedMs + Math.min(askedMs, LONGEST_ASKED_MS) + wholeMs * (0.5 + this.#random() / 2);
  }

  reset(): void {
    this.#failures = 0;
    this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  /** What is left of the pause at `nowMs`, in milliseconds. */
  leftMs(nowMs: number): number {
    return Math.max(0, this.#nextMs - nowMs);
  }
}
