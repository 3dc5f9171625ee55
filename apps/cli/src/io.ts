import type { Readable, Writable } from "node:stream";

/** A standard stream that may be a terminal. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Standard input, which may be a terminal. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  /** Lets the process end while the stream is open (sockets and terminals have it, files do not). */
  unref?(): unknown;
  ref?(): unknown;
}

/** What a terminal's user does to a whole job, apart from asking it to end. */
export type JobSignal = "SIGCONT" | "SIGTSTP" | "SIGWINCH";

/** The process as a command sees it: everything that it may touch, so that tests run a command without a process. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder: relative paths and `.env` are found here. */
  readonly cwd: string;
  readonly pid: number;
  /** As `process` has them: `v24.21.0`, `linux`, `x64`. */
  readonly runtime: { readonly version: string; readonly platform: string; readonly arch: string };
  /** Whether a process of that id runs on this machine. */
  isRunning(pid: number): boolean;
  /** Whether we may read the terminal's keys and redraw it: false in the background (`roomtone publish &`). */
  isForeground(): boolean;
  /** Sends `signal` to the whole foreground job, as the terminal itself does outside raw mode. */
  signalJob(signal: "SIGINT" | "SIGTSTP" | "SIGQUIT"): void;
  /** Stops this process, as an unhandled SIGTSTP does. Returns when it runs again. */
  stopSelf(): void;
  /** Calls `listener` on each `signal` until the returned function is called. */
  onJobSignal(signal: JobSignal, listener: () => void): () => void;
  /** Registers a synchronous clean-up that runs however the process ends; the returned function takes it back. */
  atExit(restore: () => void): () => void;
}
