import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CountingRequest } from "./counting-program.ts";
import type { StreamCount } from "./stream-counts.ts";

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Subscribers in a process of their own, which only count. */
export interface Counters {
  readonly pid: number;
  /** @param sealed counts without decrypting */
  join(url: string, token: string, sealed?: boolean): Promise<void>;
  leaveAll(): Promise<void>;
  /** By stream: a stream heard by two subscribers counts as two. */
  counts(): Promise<Readonly<Record<string, StreamCount>>>;
  resetGaps(): Promise<void>;
  /** From the virtual microphone of `environment` to a subscriber here, as `measureLatencyMs` says. */
  latencyMs(environment: Readonly<Record<string, string>>): Promise<number | undefined>;
  close(): Promise<void>;
}

export function startCounters(): Counters {
  const child = fork(join(import.meta.dirname, "counting-program.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let requests = 0;
  child.on("message", ({ id, value, error }: Answer) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(value);
    else request?.reject(new Error(error));
  });
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the counting process ended"));
  });
  const ask = (request: CountingRequest): Promise<unknown> =>
    new Promise((resolve, reject) => {
      requests += 1;
      waiting.set(requests, { resolve, reject });
      child.send({ id: requests, request });
    });
  return {
    pid: child.pid ?? 0,
    join: async (url, token, sealed = false) => void (await ask({ kind: "join", url, token, sealed })),
    leaveAll: async () => void (await ask({ kind: "leave-all" })),
    counts: async () => (await ask({ kind: "counts" })) as Readonly<Record<string, StreamCount>>,
    resetGaps: async () => void (await ask({ kind: "reset-gaps" })),
    latencyMs: async (environment) => (await ask({ kind: "latency", environment })) as number | undefined,
    close: async () => {
      child.disconnect();
      await exited;
    },
  };
}
