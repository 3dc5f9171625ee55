import type { Runtime } from "./runtime.js";

/** So long after one was abandoned, an eviction may be its ghost's doing. */
const GHOST_MS = 60_000;

/**
 * Connections and attempts to join that we abandoned, and that may come back by themselves: each can evict us once, and earns one rejoin,
 * which evicts it in turn.
 */
export class Ghosts {
  readonly #runtime: Runtime;
  #abandonedMs: readonly number[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** One was abandoned. */
  add(): void {
    this.#abandonedMs = [...this.#recentMs(), this.#runtime.nowMs()];
  }

  /** We were evicted: whether one of them may have done it. It is not asked about again. */
  lay(): boolean {
    const [oldestMs, ...others] = this.#recentMs();
    this.#abandonedMs = others;
    return oldestMs !== undefined;
  }

  #recentMs(): readonly number[] {
    const nowMs = this.#runtime.nowMs();
    return this.#abandonedMs.filter((abandonedMs) => nowMs - abandonedMs <= GHOST_MS);
  }
}
