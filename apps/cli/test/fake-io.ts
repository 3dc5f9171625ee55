import { PassThrough, Writable } from "node:stream";
import type { InputStream, Io, JobSignal, OutputStream } from "../src/io.js";

/** A stream that keeps what was written to it. */
export class Sink extends Writable implements OutputStream {
  text = "";
  isTTY: boolean | undefined;
  columns: number | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  get lines(): string[] {
    return this.text.split("\n").filter((line) => line !== "");
  }

  /** Each line as the JSON that it is. */
  get events(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

export class FakeIo implements Io {
  readonly stdin: InputStream & PassThrough & { isTTY?: boolean; raw?: boolean } = new PassThrough();
  readonly stdout = new Sink();
  readonly stderr = new Sink();
  readonly runtime = { version: "v24.0.0", platform: "linux", arch: "x64" };
  readonly pid = 4711;
  readonly signals: string[] = [];
  env: Record<string, string | undefined>;
  cwd: string;
  foreground = true;
  readonly #jobListeners = new Map<JobSignal, Set<() => void>>();
  readonly #restores = new Set<() => void>();

  constructor(options: { env?: Record<string, string | undefined>; cwd?: string; terminal?: boolean; columns?: number } = {}) {
    this.env = options.env ?? {};
    this.cwd = options.cwd ?? "/nowhere";
    if (options.terminal) {
      this.stdin.isTTY = this.stdout.isTTY = this.stderr.isTTY = true;
      this.stderr.columns = options.columns ?? 80;
      this.stdin.setRawMode = (raw) => {
        this.stdin.raw = raw;
      };
    }
  }

  isRunning(pid: number): boolean {
    return pid === this.pid;
  }
  isForeground(): boolean {
    return this.foreground;
  }
  signalJob(signal: string): void {
    this.signals.push(signal);
  }
  stopSelf(): void {
    this.signals.push("SIGSTOP");
  }
  onJobSignal(signal: JobSignal, listener: () => void): () => void {
    const listeners = this.#jobListeners.get(signal) ?? new Set();
    this.#jobListeners.set(signal, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  atExit(restore: () => void): () => void {
    this.#restores.add(restore);
    return () => this.#restores.delete(restore);
  }

  emitJobSignal(signal: JobSignal): void {
    for (const listener of this.#jobListeners.get(signal) ?? []) listener();
  }
  exit(): void {
    for (const restore of this.#restores) restore();
  }
  get listenerCount(): number {
    return [...this.#jobListeners.values()].reduce((sum, one) => sum + one.size, 0) + this.#restores.size;
  }
}
