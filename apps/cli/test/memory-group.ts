import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/** Processes that share a limit on their memory: a control group of Linux, of either version. Making one takes root. */
export class MemoryGroup {
  readonly #folder: string;
  readonly #isUnified: boolean;

  private constructor(folder: string, isUnified: boolean) {
    this.#folder = folder;
    this.#isUnified = isUnified;
  }

  static create(name: string): MemoryGroup {
    const isUnified = existsSync(join(ROOT, "cgroup.controllers"));
    if (isUnified) writeFileSync(join(ROOT, "cgroup.subtree_control"), "+memory");
    const folder = join(ROOT, isUnified ? "" : "memory", `roomtone-${name}-${process.pid}`);
    mkdirSync(folder);
    return new MemoryGroup(folder, isUnified);
  }

  /** Before the command line of what is to be in it, with all that it starts. */
  get inside(): readonly [string, ...string[]] {
    return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', join(this.#folder, "cgroup.procs")];
  }

  get usedBytes(): number {
    return Number(readFileSync(join(this.#folder, this.#isUnified ? "memory.current" : "memory.usage_in_bytes"), "utf8"));
  }

  /** What cannot be had then ends one of its processes. False where the system does not take so much back. */
  limit(bytes: number): boolean {
    try {
      writeFileSync(join(this.#folder, this.#isUnified ? "memory.max" : "memory.limit_in_bytes"), String(bytes));
      return true;
    } catch {
      return false;
    }
  }

  /** Its processes have ended. */
  close(): void {
    rmdirSync(this.#folder);
  }
}
