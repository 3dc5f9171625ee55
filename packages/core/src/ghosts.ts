import type { Runtime } from "./runtime.js";

/** So long after one was abandoned, an eviction may be its ghost's doing. */
const GHOST_MS = 60_000;

/** Connections and attempts to join that we abandoned, and that may come back by themselves: each can evict us once, and earns one rejoin, which evicts it in turn. */
export class Ghosts {
  readonly #runtime: Runtime;
  #abandonedMs: number[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** One was abandoned. */
  add(): void {
    this.#abandonedMs.push(this.#runtime.nowMs());
  }

  /** We were evicted: whether one of them may have done it. It is not asked about again. */
  lay(): boolean {
    const nowMs = this.#runtime.nowMs();
    this.#abandonedMs = this.#abandonedMs.filter((abandonedMs) => nowMs - abandonedMs <= GHOST_MS);
    return this.#abandonedMs.shift() !== undefined;
  }
}
