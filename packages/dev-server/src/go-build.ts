import { spawn } from "node:child_process";
import { join } from "node:path";
import { LIVEKIT_SERVER_VERSION } from "./server-version.js";

const PROGRESS_INTERVAL_MS = 15_000;

/** Builds livekit-server into `folder` with the Go toolchain, which checks it against Go's checksum database. */
export async function buildWithGo(
  folder: string,
  options: { goCommand: string; onProgress: (line: string) => void; signal?: AbortSignal },
): Promise<{ path: string } | { failure: string }> {
  const startedMs = performance.now();
  const elapsed = (): string => `${Math.round((performance.now() - startedMs) / 1000)} s`;
  const args = ["install", `github.com/livekit/livekit-server/cmd/server@v${LIVEKIT_SERVER_VERSION}`];
  const child = spawn(options.goCommand, args, {
    cwd: folder,
    // Handed on to Go (its proxy, its caches), never read.
    env: { ...process.env, GOBIN: folder },
    stdio: ["ignore", "ignore", "pipe"],
    windowsHide: true,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-4_096);
  });
  let progress: NodeJS.Timeout | undefined;
  child.once("spawn", () => {
    options.onProgress(`building livekit-server ${LIVEKIT_SERVER_VERSION} with Go, once (about 2 minutes)`);
    progress = setInterval(() => options.onProgress(`still building livekit-server, ${elapsed()}`), PROGRESS_INTERVAL_MS);
  });
  try {
    const ended = await new Promise<number | string | null>((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
      child.once("close", (exitCode) => resolve(exitCode));
    });
    options.signal?.throwIfAborted();
    if (ended === "ENOENT") return { failure: "there is no Go toolchain to build it with" };
    if (ended !== 0) return { failure: `Go could not build it (${lastLine(output) || `exit ${ended}`})` };
    options.onProgress(`built livekit-server in ${elapsed()}`);
    return { path: join(folder, process.platform === "win32" ? "server.exe" : "server") };
  } finally {
    clearInterval(progress);
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() ?? "";
}
