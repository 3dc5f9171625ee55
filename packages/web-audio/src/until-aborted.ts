import { type AbortSignalLike, whenAborted } from "@roomtone/core";

/** What `work` comes to; rejects with the signal's reason as soon as that aborts. Work that takes no signal goes on by itself then. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignalLike | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = whenAborted(signal, () => reject(signal?.reason));
    work.then(resolve, reject).finally(stop);
  });
}
