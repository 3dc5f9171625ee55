import { readdirSync, readFileSync } from "node:fs";
import { processTree } from "./process-tree.ts";

export interface ThreadTime {
  /** Its own name, and whether it is of the program or of a process that the program started. */
  readonly name: string;
  readonly cpuNs: number;
}

/** What each thread of `pid` and its descendants has used so far, by its id, to the nanosecond (Linux). */
export function threadTimes(pid: number): Map<string, ThreadTime> {
  const times = new Map<string, ThreadTime>();
  for (const each of processTree(pid)) {
    try {
      for (const thread of readdirSync(`/proc/${each}/task`)) {
        const [cpuNs] = readFileSync(`/proc/${each}/task/${thread}/schedstat`, "utf8").split(" ").map(Number);
        const own = Number(thread) === each ? "main" : readFileSync(`/proc/${each}/task/${thread}/comm`, "utf8").trim();
        times.set(`${each}/${thread}`, { name: each === pid ? own : `child: ${own}`, cpuNs: cpuNs ?? 0 });
      }
    } catch {
      // ended since the listing
    }
  }
  return times;
}

/** CPU of a core in % by the threads' names, what was used between `before` and `after`, the busiest first. */
export function threadUsage(
  before: ReadonlyMap<string, ThreadTime>,
  after: ReadonlyMap<string, ThreadTime>,
  elapsedMs: number,
): [string, number][] {
  const usage = new Map<string, number>();
  for (const [id, { name, cpuNs }] of after) {
    const usedNs = cpuNs - (before.get(id)?.cpuNs ?? 0);
    usage.set(name, (usage.get(name) ?? 0) + usedNs / elapsedMs / 10_000);
  }
  return [...usage].sort(([, one], [, other]) => other - one);
}
