import { type AbortSignalLike, whenAborted } from "@roomtone/core";

/** Whether `promise` settled, either way, within `durationMs`. Never rejects, and its timer keeps no process alive. */
export function settlesWithin(promise: Promise<unknown>, durationMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), durationMs);
    timer.unref();
    const settle = () => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(settle, settle);
  });
}

export interface Deadline {
  readonly durationMs: number;
  /** What it rejects with after `durationMs`. */
  readonly expired: () => Error;
  readonly signal?: AbortSignalLike;
}

/**
 * What `promise` resolves or rejects with; the signal's reason as soon as it aborts; or `expired()`. Nobody stops what is
 * behind the promise: whoever calls this takes care of its late result.
 */
export function beforeDeadline<T>(promise: Promise<T>, { durationMs, expired, signal }: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(expired())), durationMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      stopListening();
      act();
    };
    let stopListening = () => {};
    stopListening = whenAborted(signal, () => settle(() => reject(signal?.reason)));
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
