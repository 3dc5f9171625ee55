/**
 * The part of the platform's `AbortSignal` that core uses, so that core compiles against neither DOM nor Node.
 * Every platform `AbortSignal` is one.
 */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The part of the platform's `AbortController` that core uses. */
export interface AbortControllerLike {
  readonly signal: AbortSignalLike;
  abort(reason?: unknown): void;
}

/** Calls `callback` once when `signal` aborts, at once where it has; returns how to stop listening. */
export function whenAborted(signal: AbortSignalLike | undefined, callback: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    callback();
    return () => {};
  }
  signal.addEventListener("abort", callback);
  return () => signal.removeEventListener("abort", callback);
}
