import { randomUUID } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

const HEARTBEAT_MS = 2_000;
// Many heartbeats: only a suspended or dead owner is that late.
const STALE_AFTER_MS = 20_000;
const POLL_INTERVAL_MS = 200;

/**
 * Runs `work` while holding the lock file at `path`, waiting for another process's turn first. A lock whose owner
 * crashed is taken over: its process is gone, or its heartbeat stopped (a process of another machine, or a reused pid).
 * The lock saves work and no more: two takeovers at one moment may both run, so `work` must end in a rename.
 */
export async function withBuildLock<T>(
  path: string,
  options: { signal?: AbortSignal; onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  const owner = `${process.pid} ${randomUUID()}`;
  for (let waited = false; !(await tryLock(path, owner)); waited = true) {
    if (await isStale(path)) await rm(path, { force: true });
    else {
      if (!waited) options.onWait?.();
      await delay(POLL_INTERVAL_MS, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readOwner(path)) === owner) await rm(path, { force: true });
  }
}

async function tryLock(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > STALE_AFTER_MS) return true;
    const pid = Number.parseInt((await readOwner(path)) ?? "", 10);
    // Not a number: its owner is between creating the file and writing into it.
    return Number.isInteger(pid) && !isAlive(pid);
  } catch {
    return false;
  }
}

async function readOwner(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
