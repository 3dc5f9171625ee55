import { readFileSync } from "node:fs";
import { releaseAudio } from "./audio.js";
import { isForeground } from "./foreground.js";
import type { Io, JobSignal } from "./io.js";
import { LeaveRequest } from "./leave.js";
import { main } from "./main.js";
import { escapeLines } from "./output/escape.js";

/** A clean leave is done within two seconds, or the process ends without it. */
const LEAVE_DEADLINE_MS = 1900;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** Runs the command line of `process` to its end, which is the end of the process. */
export async function runProcess(process: NodeJS.Process): Promise<void> {
  const restores = new Set<() => void>();
  const restore = () => {
    for (const one of restores) one();
    restores.clear();
  };
  const exit = (code: number): never => {
    restore();
    process.exit(code);
  };
  process.on("exit", restore);

  const leaving = new AbortController();
  const leave = (by: LeaveRequest["by"]) => {
    if (leaving.signal.aborted) return;
    leaving.abort(new LeaveRequest(by));
    // It holds the process: where nothing else does, Node would end it with a code of its own before we have left.
    setTimeout(() => exit(0), LEAVE_DEADLINE_MS);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => (leaving.signal.aborted ? exit(128 + SIGNAL_NUMBERS[name]) : leave("signal")));
  }
  // Who reads our output has enough: `roomtone devices | head -1` is no failure. A terminal that is gone reads nothing either.
  process.stdout.on("error", () => leave("output-closed"));
  process.stderr.on("error", () => {});
  // Node's own warnings are for developers, and would be written into the live lines.
  process.removeAllListeners("warning");
  if (process.argv.includes("--verbose")) process.on("warning", (warning) => process.stderr.write(`${whereItHappened(warning)}\n`));
  process.on("uncaughtException", (error) => fail(error));
  process.on("unhandledRejection", (error) => fail(error));

  const fail = (error: unknown) => {
    // What goes wrong while we leave does not turn a clean leave into a failure.
    if (leaving.signal.aborted) return;
    restore();
    const verbose = process.argv.includes("--verbose");
    if (process.argv.includes("--json")) {
      process.stdout.write('{"event":"error","code":"internal","message":"A fault of Roomtone."}\n{"event":"closed","reason":"failed"}\n');
    }
    process.stderr.write("error (internal): Something went wrong inside Roomtone.\n");
    process.stderr.write("  fix: please report it with the output of `roomtone doctor`; `--verbose` shows where it happened\n");
    if (verbose) process.stderr.write(`${whereItHappened(error)}\n`);
    exit(1);
  };

  const code = await main(process.argv.slice(2), readVersion(), createIo(process, restores), leaving.signal);
  await releaseAudio();
  await flush(process);
  exit(code);
}

function createIo(process: NodeJS.Process, restores: Set<() => void>): Io {
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    pid: process.pid,
    runtime: process,
    isRunning: (pid) => {
      try {
        return process.kill(pid, 0);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === "EPERM"; // somebody else's process is one too
      }
    },
    isForeground: () => isForeground(process.pid, process.platform),
    signalJob: (signal) => void process.kill(process.platform === "win32" ? process.pid : 0, signal),
    stopSelf: () => void process.kill(process.pid, "SIGSTOP"),
    onJobSignal: (signal: JobSignal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
    atExit: (restore) => {
      restores.add(restore);
      return () => restores.delete(restore);
    },
  };
}

/** Resolves when what was written has left the process, or cannot. */
async function flush(process: NodeJS.Process): Promise<void> {
  const streams = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0 && !stream.destroyed);
  await Promise.all(
    streams.map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream.once("error", () => resolve());
          stream.write("", () => resolve());
        }),
    ),
  );
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

/** The stack, whose first line may quote a stranger. */
function whereItHappened(error: unknown): string {
  return escapeLines(redactTokens(error instanceof Error ? (error.stack ?? error.message) : String(error)));
}

function redactTokens(text: string): string {
  return text.replace(/eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, "<token>");
}
