import { readdir } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const KIB = 1024;
setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** What this process has, after a forced collection. */
export interface Holdings {
  /** What is reachable: heap and buffers. */
  readonly usedKib: number;
  readonly residentKib: number;
  readonly descriptors: number;
  readonly children: number;
}

export async function holdings(): Promise<Holdings> {
  // What one turn lets go of, the next can collect.
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    usedKib: Math.round((heapUsed + external) / KIB),
    residentKib: Math.round(rss / KIB),
    descriptors: (await readdir("/proc/self/fd")).length,
    children: process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length,
  };
}
