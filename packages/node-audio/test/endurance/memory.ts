import { readdir } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const KIB = 1024;
setFlagsFromString("--expose-gc");
const collect: (options: object) => void = runInNewContext("gc");
const ALL = { type: "major", execution: "sync", flavor: "last-resort" };

/**
 * What this process has, after a forced collection: what was let go of, and what V8 would keep for later, is given back, and with it the
 * code that it compiled, which grows for the first hundreds of rounds and says nothing of what we hold.
 */
export interface Holdings {
  /** What is reachable: heap and buffers. */
  readonly usedKib: number;
  readonly residentKib: number;
  readonly descriptors: number;
  readonly children: number;
}

export async function holdings(): Promise<Holdings> {
  // What one turn lets go of, the next can collect.
  setFlagsFromString("--stress-flush-code");
  for (let turn = 0; turn < 3; turn += 1) {
    collect(ALL);
    await new Promise((resolve) => setImmediate(resolve));
  }
  setFlagsFromString("--no-stress-flush-code");
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    usedKib: Math.round((heapUsed + external) / KIB),
    residentKib: Math.round(rss / KIB),
    descriptors: (await readdir("/proc/self/fd")).length,
    children: process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length,
  };
}
