import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built command line, as it is installed. */
export const BIN = fileURLToPath(new URL("../dist/bin.js", import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** When it was over, on `performance.now()`'s clock. */
  readonly atMs: number;
}

export interface RoomtoneOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Default: standard input is at its end. `"open"`: the test writes to it, or leaves it open. */
  readonly stdin?: "open" | Uint8Array | string;
  /** How to start it. Default: this Node with `BIN`. */
  readonly command?: readonly [string, ...string[]];
}

/** Variables that would change what a command does, taken away so that a developer's own do not. */
const CLEAN = {
  LIVEKIT_URL: undefined,
  LIVEKIT_TOKEN: undefined,
  LIVEKIT_API_KEY: undefined,
  LIVEKIT_API_SECRET: undefined,
  CI: undefined,
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
};

/** A run of the built command line. Whatever a test forgets is ended by `endAll`. */
export class Roomtone {
  readonly process: ChildProcessWithoutNullStreams;
  readonly exited: Promise<Exit>;
  stdout = Buffer.alloc(0);
  stderr = "";
  #wake = new Set<() => void>();

  constructor(args: readonly string[], options: RoomtoneOptions = {}) {
    const [file, ...before] = options.command ?? [process.execPath, BIN];
    this.process = spawn(file, [...before, ...args], {
      cwd: options.cwd ?? import.meta.dirname,
      env: { ...process.env, ...CLEAN, ...options.env },
      stdio: "pipe",
    });
    running.add(this);
    this.process.stdin.on("error", () => {}); // it need not read all that it is given
    if (options.stdin !== "open") this.process.stdin.end(options.stdin);
    this.process.stdout.on("data", (chunk: Buffer) => {
      this.stdout = Buffer.concat([this.stdout, chunk]);
      this.#changed();
    });
    this.process.stderr.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
      this.#changed();
    });
    this.exited = new Promise((resolve) => {
      this.process.on("close", (code, signal) => {
        running.delete(this);
        resolve({ code, signal, atMs: performance.now() });
        this.#changed();
      });
    });
  }

  get text(): string {
    return this.stdout.toString();
  }

  /** The complete lines of standard output as JSON. A line that is none throws. */
  get events(): readonly Record<string, unknown>[] {
    return this.text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The first event of that name, when it has come. */
  async event(name: string, count = 1): Promise<Record<string, unknown>> {
    const found = () => this.events.filter((event) => event["event"] === name)[count - 1];
    await this.until(name, () => found() !== undefined);
    return found() ?? {};
  }

  /** Resolves when `condition` holds; rejects when the process is over, or a hang guard runs out. */
  async until(what: string, condition: () => boolean, patienceMs = 30_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      const over = this.process.exitCode !== null || this.process.signalCode !== null;
      if (over || performance.now() > deadline) {
        throw new Error(`${what} did not come\nstdout: ${this.text.slice(-2000)}\nstderr: ${this.stderr.slice(-2000)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.#wake.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Sends `signal` and resolves with how and how long after it the process ended. */
  async end(signal: NodeJS.Signals): Promise<Exit & { readonly tookMs: number }> {
    const startedMs = performance.now();
    this.process.kill(signal);
    const exit = await this.exited;
    return { ...exit, tookMs: exit.atMs - startedMs };
  }

  #changed(): void {
    const waiting = [...this.#wake];
    this.#wake.clear();
    for (const wake of waiting) wake();
  }
}

const running = new Set<Roomtone>();

/** Ends every run that is left, at once. For `afterEach`. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map((one) => {
      one.process.kill("SIGKILL");
      return one.exited;
    }),
  );
}
