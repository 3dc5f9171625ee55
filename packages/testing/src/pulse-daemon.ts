import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoomtoneError } from "@roomtone/core";

const READY_BOUND_MS = 20_000;
const COMMAND_BOUND_MS = 10_000;
const DAEMON_FLAGS = [
  "--system=false",
  "--daemonize=no",
  "--exit-idle-time=-1",
  "--use-pid-file=no",
  "--disable-shm=yes",
  "--realtime=no",
  "--high-priority=no",
  "--log-target=stderr",
  "--log-level=error",
];

/** A PulseAudio daemon of one test, in a private folder, that ends with the test's process however that ends. */
export class PulseDaemon {
  readonly folder: string;
  /** What clients need, PortAudio's ALSA included. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #reaper: ChildProcess;
  #process: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.environment = {
      PULSE_SERVER: `unix:${join(folder, "socket")}`,
      PULSE_COOKIE: join(folder, "cookie"),
      PULSE_RUNTIME_PATH: folder,
      PULSE_STATE_PATH: folder,
      PULSE_CONFIG_PATH: folder,
      XDG_RUNTIME_DIR: folder,
      ALSA_CONFIG_PATH: join(folder, "asound.conf"),
    };
    // Reads until this process is gone, then ends what it may have left. Its own session: Ctrl-C on the tests must not end it first.
    const reap = 'cat >/dev/null; kill -KILL "$(cat "$0/pid")" 2>/dev/null; rm -rf "$0"';
    this.#reaper = spawn("sh", ["-c", reap, folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.#reaper.unref();
  }

  static async create(): Promise<PulseDaemon> {
    if (process.platform !== "linux") throw missing("a virtual microphone needs Linux with PulseAudio");
    return new PulseDaemon(await mkdtemp(join(tmpdir(), "roomtone-pulse-")));
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the daemon with `script` (PulseAudio's start-up commands) and resolves when it answers. */
  async start(script: string): Promise<void> {
    if (this.#process) throw new RoomtoneError("usage", "the sound daemon runs already");
    await mkdir(this.folder, { recursive: true });
    await rm(join(this.folder, "socket"), { force: true });
    const path = join(this.folder, "start.pa");
    const protocol = `load-module module-native-protocol-unix socket=${join(this.folder, "socket")} auth-anonymous=1`;
    await writeFile(path, `.fail\n${protocol}\n${script}`);
    const daemon = spawn("pulseaudio", ["-n", "-F", path, ...DAEMON_FLAGS], {
      env: this.clientEnvironment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    daemon.stderr?.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
    });
    const failed = new Promise<never>((_resolve, reject) => {
      daemon.once("error", () => reject(missing("PulseAudio is not installed")));
      daemon.once("exit", () => reject(new RoomtoneError("internal", `the sound daemon ended: ${log.trim()}`)));
    });
    failed.catch(() => {});
    this.#process = daemon;
    daemon.once("exit", () => {
      if (this.#process === daemon) this.#process = undefined;
    });
    await Promise.race([failed, this.#accepting()]);
    await writeFile(join(this.folder, "pid"), String(daemon.pid));
    // The socket accepts before the start-up commands are through; an answered request means that they are.
    await Promise.race([failed, this.control("info")]);
  }

  /** Sends `signal` and, where it ends the daemon, resolves when it is gone. */
  async signal(signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT"): Promise<void> {
    const daemon = this.#process;
    if (!daemon) return;
    const gone = once(daemon, "exit");
    daemon.kill(signal);
    if (signal === "SIGKILL" || signal === "SIGTERM") await gone;
  }

  /** Runs `pactl` with `words`; resolves with what it printed. */
  control(...words: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { env: this.clientEnvironment(), timeout: COMMAND_BOUND_MS, killSignal: "SIGKILL" as const };
      execFile("pactl", words, options, (error, stdout) => {
        if (!error) resolve(stdout.trim());
        else if (error.code === "ENOENT") reject(missing("pactl is not installed"));
        else reject(new RoomtoneError("internal", `pactl ${words.join(" ")} failed`, {}, { cause: error }));
      });
    });
  }

  clientEnvironment(): Record<string, string | undefined> {
    return { PATH: process.env["PATH"], HOME: this.folder, ...this.environment };
  }

  async close(): Promise<void> {
    await this.signal("SIGKILL");
    const gone = this.#reaper.exitCode === null ? once(this.#reaper, "exit") : undefined;
    await rm(join(this.folder, "pid"), { force: true });
    this.#reaper.ref();
    this.#reaper.stdin?.end();
    await gone;
  }

  async #accepting(): Promise<void> {
    const deadlineMs = performance.now() + READY_BOUND_MS;
    while (performance.now() < deadlineMs) {
      const accepted = await new Promise<boolean>((resolve) => {
        const socket = connect(join(this.folder, "socket"));
        socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
        socket.once("connect", () => socket.destroy());
      });
      if (accepted) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new RoomtoneError("internal", "the sound daemon did not answer");
  }
}

function missing(what: string): RoomtoneError {
  return new RoomtoneError(
    "unsupported",
    `${what}: apt-get install -y --no-install-recommends pulseaudio pulseaudio-utils libasound2-plugins`,
  );
}
