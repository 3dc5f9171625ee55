import { SHARE_ENV, Worker } from "node:worker_threads";

const CHECK_EVERY_MS = 500;

/** Ends this process at once and without native clean-up, which may hang: `process.exit` waits for threads that wait for the sound daemon. */
export function endNow(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}

/**
 * Ends this process when its parent is gone, by the control channel's end. That needs the event loop, which native calls block for as
 * long as the sound daemon hangs: until the returned function is called, a thread of its own looks too.
 */
export function endWithParent(parentPid: number): () => void {
  process.once("disconnect", endNow);
  if (!process.connected) endNow();
  // A worker that loads no native code is safe beside PortAudio. As text: a file would cost a second module loader's start-up.
  const watch = `
    const { workerData: stop } = require("node:worker_threads");
    while (Atomics.wait(stop, 0, 0, ${CHECK_EVERY_MS}) === "timed-out") {
      let gone = process.ppid !== ${parentPid};
      try { process.kill(${parentPid}, 0); } catch (error) { gone ||= error.code === "ESRCH"; }
      if (gone) process.kill(process.pid, "SIGKILL");
    }`;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 1 };
  const worker = new Worker(watch, { eval: true, workerData: stop, env: SHARE_ENV, resourceLimits });
  worker.unref();
  return () => {
    Atomics.store(stop, 0, 1);
    Atomics.notify(stop, 0);
  };
}
