import { type AbortSignalLike, whenAborted } from "./abort.js";
import type { RoomtoneError } from "./errors.js";
import type { Runtime } from "./runtime.js";

/** Waits for `durationMs`; rejects with the signal's reason as soon as it aborts. */
export function sleep(runtime: Runtime, durationMs: number, signal: AbortSignalLike): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const cancel = runtime.setTimer(() => {
      stopListening();
      resolve();
    }, durationMs);
    const stopListening = whenAborted(signal, () => {
      cancel();
      reject(signal.reason);
    });
  });
}

/** Whether `promise` settled, either way, within `durationMs`. Never rejects. */
export function settlesWithin(runtime: Runtime, promise: Promise<unknown>, durationMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = runtime.setTimer(() => resolve(false), durationMs);
    const settle = () => {
      cancel();
      resolve(true);
    };
    promise.then(settle, settle);
  });
}

export interface Bound<T> {
  readonly deadlineMs: number;
  readonly signal: AbortSignalLike;
  /** What it fails with after the deadline. */
  readonly timeout: () => RoomtoneError;
  /** Releases a result that comes when nobody waits any more. */
  readonly onLate?: (result: T) => unknown;
}

/**
 * What `action` makes, within its bound. It is given a signal that aborts with the bound's signal and at the deadline;
 * an action that ignores it is not waited for.
 */
export function bounded<T>(runtime: Runtime, bound: Bound<T>, action: (signal: AbortSignalLike) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (bound.signal.aborted) return reject(bound.signal.reason);
    const controller = runtime.createAbortController();
    let waiting = true;
    const finish = (settle: () => void) => {
      if (!waiting) return;
      waiting = false;
      cancelTimer();
      stopListening();
      settle();
    };
    const giveUp = (reason: unknown) =>
      finish(() => {
        controller.abort(reason);
        reject(reason);
      });
    const cancelTimer = runtime.setTimer(() => giveUp(bound.timeout()), bound.deadlineMs);
    const stopListening = whenAborted(bound.signal, () => giveUp(bound.signal.reason));
    // The action starts inside the chain, so that what it throws before its first await is a rejection, too.
    Promise.resolve()
      .then(() => action(controller.signal))
      .then(
        (result) => {
          if (waiting) finish(() => resolve(result));
          else void Promise.resolve(bound.onLate?.(result)).catch(() => {});
        },
        (error: unknown) => finish(() => reject(error)),
      );
  });
}

/** A wait that is set before it is taken, and that whoever has news cuts short. */
export class Pause {
  readonly #runtime: Runtime;
  #durationMs = 0;
  #wake: (() => void) | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get isSet(): boolean {
    return this.#durationMs > 0;
  }

  set(durationMs: number): void {
    this.#durationMs = durationMs;
  }

  wake(): void {
    this.#durationMs = 0;
    this.#wake?.();
  }

  /** Waits as long as was set; resolves early when woken or when the signal aborts. Whether there was anything to wait for. */
  async take(signal: AbortSignalLike): Promise<boolean> {
    const durationMs = this.#durationMs;
    this.#durationMs = 0;
    if (durationMs <= 0 || signal.aborted) return false;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#wake = undefined;
        cancel();
        stopListening();
        resolve();
      };
      const cancel = this.#runtime.setTimer(wake, durationMs);
      const stopListening = whenAborted(signal, wake);
      this.#wake = wake;
    });
    return true;
  }
}
