import type { AbortControllerLike, AbortSignalLike } from "@roomtone/core";

/** Abort controllers whose listeners are counted over all of them: what a leak leaves behind. */
export class FakeAborts {
  #listeners = 0;

  get openListeners(): number {
    return this.#listeners;
  }

  create(): AbortControllerLike {
    const listeners = new Set<() => void>();
    let aborted = false;
    let reason: unknown;
    const forget = (listener: () => void) => {
      if (listeners.delete(listener)) this.#listeners -= 1;
    };
    const signal: AbortSignalLike = {
      get aborted() {
        return aborted;
      },
      get reason() {
        return reason;
      },
      throwIfAborted: () => {
        if (aborted) throw reason;
      },
      addEventListener: (_type, listener) => {
        if (listeners.has(listener)) return;
        listeners.add(listener);
        this.#listeners += 1;
      },
      removeEventListener: (_type, listener) => forget(listener),
    };
    const abort = (why?: unknown) => {
      if (aborted) return;
      aborted = true;
      reason = why ?? new Error("aborted");
      for (const listener of [...listeners]) {
        forget(listener);
        listener();
      }
    };
    return { signal, abort };
  }
}
