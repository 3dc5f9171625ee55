import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./ready-listener-program.mjs", import.meta.url));

/** What a listener saw of one return, and when: milliseconds of the machine's clock (`performance.timeOrigin + performance.now()`). */
export interface HeardReturn {
  /** The server's first 200, asked for every 5 ms. */
  readonly answeredMs: number;
  /** The listener was let in. */
  readonly joinedMs: number;
  /** The track was announced to it; absent where it was there at the join. */
  readonly listedMs?: number;
  readonly subscribedMs: number;
  /** The first sample that is not zero. */
  readonly firstAudioMs: number;
  readonly heardMs: number;
}

/** A listener in a process of its own that has loaded all it needs: what it measures is the publisher's return, and its own join of a fresh room. */
export class ReadyListener {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** @param inside a command that runs it elsewhere: in another network */
  static async start(inside: readonly string[] = []): Promise<ReadyListener> {
    const [command, ...words] = [...inside, process.execPath, program];
    const env = { ...process.env, NODE_ENV: "production" };
    const child = spawn(command as string, words, { stdio: ["ignore", "ignore", "inherit", "ipc"], env });
    const listener = new ReadyListener(child);
    await listener.#answer();
    return listener;
  }

  /** Joins at the first 200 after the call, which is to be made while the server is away. Resolves when the tone was heard. */
  async hear(order: { httpUrl: string; url: string; token: string; frequencyHz: number }): Promise<HeardReturn> {
    const answer = this.#answer();
    this.#process.send(order);
    return (await answer) as HeardReturn;
  }

  async #answer(): Promise<unknown> {
    const answered = new AbortController();
    const { signal } = answered;
    const ended = once(this.#process, "exit", { signal }).then(() => Promise.reject(new Error("the listener's process ended")));
    try {
      return (await Promise.race([once(this.#process, "message", { signal }), ended]))[0];
    } finally {
      ended.catch(() => {});
      answered.abort();
    }
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }
}
