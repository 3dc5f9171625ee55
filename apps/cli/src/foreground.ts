import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** `ps` answers at once, or something is wrong with the machine. */
const PS_PATIENCE_MS = 500;

/**
 * Whether process `pid` belongs to its terminal's foreground job. A background job that reads keys, or sets the
 * terminal's mode, is stopped by the system. Where the system does not say, it is taken to be in the foreground.
 */
export function isForeground(pid: number, platform: string): boolean {
  try {
    if (platform === "linux") return sameGroup(readFileSync(`/proc/${pid}/stat`, "utf8"));
    if (platform === "win32") return true;
    const answer = execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", `${pid}`], { encoding: "utf8", timeout: PS_PATIENCE_MS });
    const [group, foregroundGroup] = answer.trim().split(/\s+/);
    return group === foregroundGroup;
  } catch {
    return true;
  }
}

/** Compares the process group with the terminal's, fields 5 and 8. The name before them may hold spaces and brackets. */
export function sameGroup(stat: string): boolean {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[2] === fields[5];
}
