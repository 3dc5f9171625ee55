import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

const PARENT_POLL_MS = 500;
// Looked at now: the installation before the child starts is long enough for npm to be killed meanwhile.
const { ppid } = process;

/**
 * Runs a Node program as if it were this process: its exit code is ours, and a signal that reaches us reaches it. One
 * that went to the whole group (Ctrl-C in a terminal) has reached it already, so signals are not sent but told, over
 * IPC: the child knows whether it is a copy (`followParent` in `src/signals.ts`).
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
export function runTransparently(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env, stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (child.connected) child.send({ signal }, () => {});
    });
  }
  endWithNpm(child);
  child.once("error", (error) => {
    process.stderr.write(`roomtone: ${command} did not start: ${error.message}\n`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 1));
  });
}

/**
 * Where npm started us and is killed, nobody is left to say so: then the child is told to leave.
 * @param {import("node:child_process").ChildProcess} child
 */
function endWithNpm(child) {
  if (!process.env["npm_lifecycle_event"]) return;
  const watching = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(watching);
    if (child.connected) child.send({ signal: "SIGTERM" }, () => {});
  }, PARENT_POLL_MS);
  watching.unref();
}
