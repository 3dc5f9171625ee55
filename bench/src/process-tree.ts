import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

export interface ProcessTreeUsage {
  /** User and system time of the process and its descendants, in seconds. */
  readonly cpuS: number;
  /** Resident memory of all of them, in bytes; what several of them map of one file counts once. */
  readonly residentBytes: number;
}

/** What `pid` and its descendants have used so far (Linux). */
export function processTreeUsage(pid: number): ProcessTreeUsage {
  const all = new Map<number, { readonly parent: number; readonly cpuS: number }>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readProc(`/proc/${entry}/stat`);
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    all.set(Number(entry), { parent: fields[1] ?? 0, cpuS: ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND });
  }
  const tree = [...all.keys()].filter((each) => {
    let ancestor: number | undefined = each;
    while (ancestor !== undefined && ancestor !== pid && ancestor > 1) ancestor = all.get(ancestor)?.parent;
    return ancestor === pid;
  });
  return { cpuS: tree.reduce((sum, each) => sum + (all.get(each)?.cpuS ?? 0), 0), residentBytes: residentBytes(tree) };
}

/** Anonymous pages of each process, and of each mapped file the most that one of them holds. */
function residentBytes(pids: readonly number[]): number {
  let anonymousKb = 0;
  const filesKb = new Map<string, number>();
  for (const pid of pids) {
    let file = "";
    let residentKb = 0;
    for (const line of readProc(`/proc/${pid}/smaps`).split("\n")) {
      const mapping = /^[\da-f]+-[\da-f]+ \S+ ([\da-f]+ \S+ \d+)/.exec(line);
      if (mapping) file = mapping[1] ?? "";
      const kb = Number(/^\w+: +(\d+) kB/.exec(line)?.[1] ?? 0);
      if (line.startsWith("Rss:")) residentKb = kb;
      if (!line.startsWith("Anonymous:")) continue;
      anonymousKb += kb;
      filesKb.set(file, Math.max(filesKb.get(file) ?? 0, residentKb - kb));
    }
  }
  return (anonymousKb + [...filesKb.values()].reduce((sum, kb) => sum + kb, 0)) * 1024;
}

/** Nothing where the process ended between the listing and the read. */
function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
