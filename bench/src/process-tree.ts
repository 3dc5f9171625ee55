import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

export interface ProcessTreeUsage {
  /** User and system time of the process and its descendants, in seconds. */
  readonly cpuS: number;
  /** Resident memory of all of them, in bytes. Shared pages count once a process. */
  readonly residentBytes: number;
}

/** What `pid` and its descendants have used so far (Linux). */
export function processTreeUsage(pid: number): ProcessTreeUsage {
  const parents = new Map<number, { parent: number; cpuS: number; residentBytes: number }>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      const fields = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      parents.set(Number(entry), {
        parent: fields[1] ?? 0,
        cpuS: ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND,
        residentBytes: (fields[21] ?? 0) * 4096,
      });
    } catch {
      // the process ended between the listing and the read
    }
  }
  const usage = { cpuS: 0, residentBytes: 0 };
  for (const [each, own] of parents) {
    let ancestor: number | undefined = each;
    while (ancestor !== undefined && ancestor !== pid && ancestor > 1) ancestor = parents.get(ancestor)?.parent;
    if (ancestor !== pid) continue;
    usage.cpuS += own.cpuS;
    usage.residentBytes += own.residentBytes;
  }
  return usage;
}
