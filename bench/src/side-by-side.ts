// All publishers of one microphone at once: on a machine that others use, what disturbs one of them disturbs them all.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { startDevServer } from "@roomtone/dev-server";
import { burstSignal, startVirtualMicrophone } from "@roomtone/testing";
import { createPublishers } from "./publishers.ts";
import { quantile } from "./quantile.ts";
import { round, wait } from "./rounding.ts";
import { threadTimes, threadUsage } from "./thread-times.ts";

const BETWEEN_STARTS_MS = 1_000;
const SETTLE_MS = 3_000;
const SHOWN_THREADS = 5;
const SHOWN_FROM_PERCENT = 0.1;

export interface SideBySideFigures {
  /** Of a core, the median of the slices. */
  readonly cpuPercent: number;
  /** Of a core, by thread, over all of the slices; the busiest first. */
  readonly threads: readonly [string, number][];
}

/** CPU of each publisher while all of them run, in `slices` of `seconds`. */
export async function benchSideBySide(
  slices: number,
  seconds: number,
  drivers: readonly string[],
): Promise<Map<string, SideBySideFigures>> {
  const microphone = await startVirtualMicrophone();
  const serverPath = process.env["LIVEKIT_SERVER_BIN"];
  const server = await startDevServer(serverPath ? { serverPath } : {});
  const running = new Map<string, ChildProcess>();
  try {
    microphone.play(burstSignal(60), { loop: true });
    for (const [name, publisher] of await createPublishers(microphone, drivers)) {
      running.set(name, await publisher(server, name.replace(/\W/g, "-")));
      await wait(BETWEEN_STARTS_MS);
    }
    await wait(SETTLE_MS);
    const readings: { readonly atMs: number; readonly times: ReturnType<typeof threadTimes>[] }[] = [];
    for (let slice = 0; slice <= slices; slice += 1) {
      if (slice > 0) await wait(seconds * 1000);
      const times = [...running.values()].map((child) => threadTimes(child.pid ?? 0));
      readings.push({ atMs: performance.now(), times });
    }
    return new Map([...running.keys()].map((name, index) => [name, figuresOf(index, readings)]));
  } finally {
    for (const child of running.values()) {
      if (child.exitCode !== null) continue;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    await server.close();
    await microphone.close();
  }
}

function figuresOf(
  index: number,
  readings: readonly { readonly atMs: number; readonly times: readonly ReturnType<typeof threadTimes>[] }[],
): SideBySideFigures {
  const between = (from: number, to: number) => {
    const [before, after] = [readings[from], readings[to]];
    if (!before?.times[index] || !after?.times[index]) return [];
    return threadUsage(before.times[index], after.times[index], after.atMs - before.atMs);
  };
  const sums = readings.slice(1).map((_, slice) => between(slice, slice + 1).reduce((sum, [, percent]) => sum + percent, 0));
  return { cpuPercent: round(quantile(sums, 0.5), 2), threads: between(0, readings.length - 1) };
}

export function sideBySideTable(figures: ReadonlyMap<string, SideBySideFigures>, reference: string): string {
  const base = figures.get(reference)?.cpuPercent;
  const rows = [...figures].map(([name, { cpuPercent, threads }]) => {
    const ratio = base && name !== reference ? ` (${(cpuPercent / base).toFixed(2)}×)` : "";
    const shown = threads.filter(([, percent]) => percent >= SHOWN_FROM_PERCENT).slice(0, SHOWN_THREADS);
    return `| ${name} | ${cpuPercent}${ratio} | ${shown.map(([thread, percent]) => `${thread} ${round(percent, 2)}`).join(", ")} |`;
  });
  return ["| publisher | CPU of a core, % | of it, the busiest threads |", "|---|---|---|", ...rows].join("\n");
}
