/**
 * A process of its own between us and livekit-server. When its parent goes, however that ends (also by SIGKILL), the
 * IPC channel closes, and the server and the private folder go too. Node cannot ask the kernel for that.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SupervisorCommand, SupervisorReport } from "./supervisor-protocol.js";

// The first SIGTERM makes the server wait for its participants to leave, the second makes it tell them and end.
const TERM_INTERVAL_MS = 100;
const KILL_AFTER_MS = 1_500;

// For 100 ms after it answers, the server swallows a SIGTERM: it does not call itself running yet.
const SWALLOWS_TERM_MS = 150;

let server: ChildProcess | undefined;
let readyMs: number | undefined;
let folder: string | undefined;
let stopping = false;

/** Calls `then` when the parent has the message, or is gone. */
function report(message: SupervisorReport, then: () => void = () => {}): void {
  if (process.connected && process.send) process.send(message, undefined, {}, then);
  else then();
}

function configPath(inFolder: string): string {
  return join(inFolder, "livekit.json");
}

function start(command: Extract<SupervisorCommand, { type: "start" }>): void {
  folder = dirname(command.logPath);
  const config = configPath(folder);
  // Replaced, never written into: the mode holds for a new file only.
  rmSync(config, { force: true });
  writeFileSync(config, command.config, { mode: 0o600, flag: "wx" });
  const log = openSync(command.logPath, "a", 0o600);
  const child = spawn(command.serverPath, ["--config", config], {
    stdio: ["ignore", log, log],
    env: {},
    cwd: folder,
    windowsHide: true,
  });
  closeSync(log);
  server = child;
  readyMs = undefined;
  child.once("spawn", () => report({ type: "spawned", pid: child.pid ?? 0 }));
  child.once("error", (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) ended(child, { type: "spawn-failed", errorCode: error.code ?? "unknown" });
  });
  child.once("exit", (exitCode, signal) => ended(child, { type: "exited", exitCode, signal }));
}

function ended(child: ChildProcess, message: SupervisorReport): void {
  if (server !== child) return;
  server = undefined;
  forgetConfig();
  report(message, () => {
    if (stopping) leave();
  });
}

function forgetConfig(): void {
  if (folder) rmSync(configPath(folder), { force: true });
}

function stop(): void {
  if (stopping) return;
  stopping = true;
  const child = server;
  if (!child) {
    leave();
    return;
  }
  if (readyMs === undefined) {
    // It never answered: there is nobody to tell.
    child.kill("SIGKILL");
    return;
  }
  // A suspended server would not see the rest.
  if (process.platform !== "win32") child.kill("SIGCONT");
  signalWhenHeard(child, "SIGTERM", () => setInterval(() => child.kill("SIGTERM"), TERM_INTERVAL_MS));
  setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
}

function signalWhenHeard(child: ChildProcess, signal: NodeJS.Signals, then: () => void): void {
  const isHandled = signal === "SIGTERM" || signal === "SIGINT" || signal === "SIGQUIT";
  const waitMs = isHandled && readyMs !== undefined ? readyMs + SWALLOWS_TERM_MS - performance.now() : 0;
  const send = (): void => {
    child.kill(signal);
    then();
  };
  if (waitMs > 0) setTimeout(send, waitMs);
  else send();
}

function leave(): void {
  // With a parent that lives, the folder and the log in it are the parent's to remove.
  if (!process.connected && folder) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

function obey(command: SupervisorCommand): void {
  switch (command.type) {
    case "start":
      start(command);
      break;
    case "ready":
      readyMs = performance.now();
      forgetConfig();
      report({ type: "done", id: command.id });
      break;
    case "signal":
      if (server) signalWhenHeard(server, command.signal, () => report({ type: "done", id: command.id }));
      else report({ type: "done", id: command.id });
      break;
    case "stop":
      stop();
      break;
  }
}

process.on("message", (command: SupervisorCommand) => {
  try {
    obey(command);
  } catch (error) {
    // The folder is gone, the disk is full: the parent says so.
    if (command.type === "start") report({ type: "spawn-failed", errorCode: (error as NodeJS.ErrnoException).code ?? "unknown" });
    else if (command.type !== "stop") report({ type: "done", id: command.id });
  }
});
process.on("disconnect", stop);
// A terminal's Ctrl-C and a service manager's SIGTERM are for the parent to act on; we follow it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
