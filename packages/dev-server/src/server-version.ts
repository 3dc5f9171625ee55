import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The livekit-server that everything here is tested with. */
export const LIVEKIT_SERVER_VERSION = "1.13.5";

const run = promisify(execFile);
const ANSWER_WITHIN_MS = 10_000;

/** What `path --version` says, as `1.13.5`; undefined where it cannot be executed or is no livekit-server. */
export async function readServerVersion(path: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["--version"], { timeout: ANSWER_WITHIN_MS, windowsHide: true, ...(signal ? { signal } : {}) });
    return /^livekit-server version (\S+)/m.exec(stdout)?.[1];
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** The absolute path of `livekit-server` on PATH. The shell looks it up: we read no environment. */
export async function findOnPath(): Promise<string | undefined> {
  try {
    const { stdout } =
      process.platform === "win32"
        ? await run("where.exe", ["livekit-server"], { windowsHide: true })
        : await run("/bin/sh", ["-c", "command -v livekit-server"]);
    return stdout.split(/\r?\n/)[0]?.trim() || undefined;
  } catch {
    return undefined;
  }
}
