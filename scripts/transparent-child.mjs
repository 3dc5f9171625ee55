import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

<<<<<<< HEAD
const PARENT_POLL_MS = 500;
// Looked at now: the installation before the child starts is long enough for npm to be killed meanwhile.
const { ppid } = process;
=======
const PARENT_CHECK_MS = 500;
>>>>>>> server

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
<<<<<<< HEAD
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (child.connected) child.send({ signal }, () => {});
    });
  }
  endWithNpm(child);
=======
  /** @param {string} signal */
  const tell = (signal) => {
    if (child.connected) child.send({ signal }, () => {});
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => tell(signal));
  // npm that is killed takes nobody along: who is left without it leaves as if told to. Without npm, whoever started us
  // in the background may go.
  const parent = process.ppid;
  const orphanWatch = setInterval(() => {
    if (process.ppid === parent || !process.env["npm_lifecycle_event"]) return;
    clearInterval(orphanWatch);
    tell("SIGTERM");
  }, PARENT_CHECK_MS);
>>>>>>> server
  child.once("error", (error) => 
    process.stderr.write(`roomtone: ${command} did not start: ${error.message}\n`);
    process.exit(1););
  child.once("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 1));
  });
}
