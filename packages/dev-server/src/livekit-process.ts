import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RoomtoneError } from "@roomtone/core";
import { readLogTail } from "./log-tail.js";
import { type ServerPorts, serverConfig } from "./server-config.js";
import { isServerReady } from "./server-health.js";
import type { ServerKeys } from "./server-keys.js";
import type { SupervisorCommand, SupervisorReport } from "./supervisor-protocol.js";

const READY_WITHIN_MS = 30_000;
const POLL_INTERVAL_MS = 25;
// The supervisor kills the server 1.5 s after it was asked to stop.
const STOP_WITHIN_MS = 3_000;

/** How a livekit-server process ended. */
export interface ServerExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its log, without secrets. */
  readonly logTail: string;
}

export interface LiveKitProcessOptions {
  readonly serverPath: string;
  readonly host: string;
  readonly ports: ServerPorts;
  readonly keys: ServerKeys;
  /** In a folder of its own, which the supervisor removes when this process is gone. */
  readonly logPath: string;
  /** Default false. */
  readonly iceLite?: boolean;
}

/** The server could not start because another process has one of its ports. */
export class PortTakenError extends Error {}

/** One livekit-server behind its supervisor: it can end and start again, on the same ports with the same keys. */
export class LiveKitProcess {
  readonly #options: LiveKitProcessOptions;
  readonly #supervisor: ChildProcess;
  readonly #supervisorGone: Promise<void>;
  /** Whoever waits for a report. Not each of them on `#supervisorGone`: that would keep them for as long as this lives. */
  readonly #waiting = new Set<() => void>();
  #isGone = false;
  #lastId = 0;
  #pid: number | undefined;
  #exited: Promise<ServerExit> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: LiveKitProcessOptions) {
    this.#options = options;
    this.#supervisor = fork(fileURLToPath(new URL("./supervisor.js", import.meta.url)), [], {
      // A group of its own: neither a terminal's Ctrl-C nor a signal to our group ends it before it has cleaned up.
      detached: true,
      // None of our environment: it may hold credentials, and settings that livekit-server would obey (LIVEKIT_CONFIG).
      env: {},
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const supervisor = this.#supervisor;
    this.#supervisorGone = new Promise((resolve) => {
      supervisor.once("error", () => resolve());
      // Its last report may be read after its exit: the channel's end comes after both.
      supervisor.once("exit", () => (supervisor.connected ? supervisor.once("disconnect", resolve) : resolve()));
    });
    void this.#supervisorGone.then(() => {
      this.#isGone = true;
      for (const giveUp of this.#waiting) giveUp();
    });
  }

  /** Of the running server; undefined where none runs. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Resolves when the server that was started last has ended, whoever ended it. */
  get exited(): Promise<ServerExit> {
    if (!this.#exited) throw new RoomtoneError("usage", "The server was not started yet.");
    return this.#exited;
  }

  /**
   * Starts the server and resolves when it answers.
   * @throws PortTakenError; RoomtoneError `server-unreachable` with the end of the log, `native-missing` where it cannot be executed
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#pid !== undefined || this.#closing) throw new RoomtoneError("usage", "The server runs already, or is closed.");
    signal?.throwIfAborted();
    const { serverPath, host, ports, keys, logPath, iceLite } = this.#options;
    const spawned = this.#nextReport(({ type }) => type === "spawned" || type === "spawn-failed");
    const ended = this.#nextReport(({ type }) => type === "exited");
    this.#send({ type: "start", serverPath, config: serverConfig(host, ports, keys, iceLite), logPath });
    const first = await spawned;
    if (first?.type !== "spawned") {
      throw new RoomtoneError("native-missing", `livekit-server at ${serverPath} could not be started${codeOf(first)}.`, {
        path: serverPath,
      });
    }
    this.#pid = first.pid;
    const exited = ended.then(async (report): Promise<ServerExit> => {
      // No report: the supervisor itself was killed, and left the server to us.
      if (!report && this.#pid !== undefined) killQuietly(this.#pid);
      this.#pid = undefined;
      const { exitCode, signal: endSignal } = report?.type === "exited" ? report : { exitCode: null, signal: null };
      return { exitCode, signal: endSignal, logTail: await readLogTail(logPath, 12, keys) };
    });
    this.#exited = exited;
    await this.#untilReady(exited, signal);
    await this.#ask((id) => ({ type: "ready", id }));
  }

  async #untilReady(exited: Promise<ServerExit>, signal?: AbortSignal): Promise<void> {
    const { host, ports, keys, logPath } = this.#options;
    let exit: ServerExit | undefined;
    void exited.then((value) => {
      exit = value;
    });
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    const ended = exited.then(() => false);
    while (!(await Promise.race([isServerReady(host, ports.http, keys), ended]))) {
      signal?.throwIfAborted();
      if (exit && /address already in use|Only one usage of each socket address/i.test(exit.logTail)) throw new PortTakenError();
      if (exit) throw notStarted("ended while it started", exit.logTail);
      if (performance.now() > deadlineMs) {
        throw notStarted(`did not answer within ${READY_WITHIN_MS / 1000} s`, await readLogTail(logPath, 12, keys));
      }
      await Promise.race([ended, delay(POLL_INTERVAL_MS)]);
    }
  }

  /** Sends `signal` to the server, and resolves when it is sent. Without effect where none runs. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    if (this.#pid !== undefined) await this.#ask((id) => ({ type: "signal", signal, id }));
  }

  /** Ends the server, its participants told, and the supervisor: within 3 s, whatever state they are in. */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    this.#send({ type: "stop" });
    const timeout = new AbortController();
    const late = delay(STOP_WITHIN_MS, true, { signal: timeout.signal }).catch(() => false);
    if (await Promise.race([this.#supervisorGone.then(() => false), late])) {
      this.#supervisor.kill("SIGKILL");
      await this.#supervisorGone;
    }
    timeout.abort();
    await this.#exited;
  }

  #send(command: SupervisorCommand): void {
    if (this.#supervisor.connected) this.#supervisor.send(command, () => {});
  }

  /** Sends a command that is answered by `done`. */
  async #ask(command: (id: number) => SupervisorCommand): Promise<void> {
    const id = ++this.#lastId;
    const done = this.#nextReport((report) => report.type === "done" && report.id === id);
    this.#send(command(id));
    await done;
  }

  /** The next report that `isIt`, or undefined where the supervisor ends first. */
  #nextReport(isIt: (report: SupervisorReport) => boolean): Promise<SupervisorReport | undefined> {
    return new Promise((resolve) => {
      const listener = (report: SupervisorReport): void => {
        if (isIt(report)) settle(report);
      };
      const settle = (report?: SupervisorReport): void => {
        this.#supervisor.off("message", listener);
        this.#waiting.delete(settle);
        resolve(report);
      };
      if (this.#isGone) return settle();
      this.#supervisor.on("message", listener);
      this.#waiting.add(settle);
    });
  }
}

function notStarted(what: string, logTail: string): RoomtoneError {
  const log = logTail === "" ? "Its log is empty." : `The end of its log:\n${logTail}`;
  return new RoomtoneError("server-unreachable", `livekit-server ${what}. ${log}`);
}

function codeOf(report: SupervisorReport | undefined): string {
  return report?.type === "spawn-failed" ? ` (${report.errorCode})` : "";
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
