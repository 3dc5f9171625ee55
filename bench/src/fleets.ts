// Many streams in one process: what each of them costs.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { processTreeUsage } from "./process-tree.ts";
import { round, wait } from "./rounding.ts";

const SETTLE_MS = 3_000;
const PUBLISH_DEADLINE_MS = 60_000;
const COUNT_DEADLINE_MS = 10_000;
/** A fleet that sends less of what is due is marked: its CPU is that of a process that did not do its work. */
export const IN_TIME_PERCENT = 99;
const fleetProgram = fileURLToPath(new URL("./peers/fleet.ts", import.meta.url));

export const FLEETS = [
  { name: "opus, one encoder for all", driver: "opus", shared: true },
  { name: "opus, an encoder each", driver: "opus", shared: false },
  { name: "rtc", driver: "rtc", shared: false },
] as const;

export interface FleetFigures {
  readonly name: string;
  readonly streams: number;
  /** Of a core, for each stream. */
  readonly cpuPercent: number;
  /** Of the whole process. */
  readonly memoryMb: number;
  /** Of the packets that were due while it was measured: less than all where the process did not keep up. */
  readonly sentPercent: number;
}

/**
 * One figure for each fleet and size. A size that would take more than this machine has is left out, and so are those above it: judged by
 * the size below, which may be of `earlier`.
 */
export async function benchFleets(sizes: readonly number[], seconds: number, earlier: readonly FleetFigures[]): Promise<FleetFigures[]> {
  const serverPath = process.env["LIVEKIT_SERVER_BIN"];
  const server = await startDevServer(serverPath ? { serverPath } : {});
  const figures: FleetFigures[] = [];
  try {
    for (const fleet of FLEETS) {
      for (const streams of sizes) {
        const before = [...earlier, ...figures].findLast((each) => each.name === fleet.name && each.streams < streams);
        // The server, which takes about as much as we do, runs on the same cores.
        if (before && before.cpuPercent * streams > 75 * cpus().length) {
          const least = round(before.cpuPercent * streams, 0);
          console.error(`fleet: ${streams} × ${fleet.name} left out: no CPU left (${least} % of ${cpus().length} cores, and the server's)`);
          break;
        }
        const measured = { name: fleet.name, streams, ...(await measure(server, fleet, streams, seconds)) };
        figures.push(measured);
        console.error(`fleet: ${JSON.stringify(measured)}`);
      }
    }
  } finally {
    await server.close();
  }
  return figures;
}

async function measure(server: DevServer, fleet: (typeof FLEETS)[number], streams: number, seconds: number) {
  const room = (index: number) => `${fleet.name.replace(/\W+/g, "-")}-${streams}-${index}`;
  const tokens = await Promise.all(
    Array.from({ length: streams }, (_, index) => server.createToken({ identity: "publisher", roomName: room(index) })),
  );
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fleetProgram], {
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["pipe", "pipe", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  try {
    child.stdin?.end(JSON.stringify({ url: server.url, tokens, driver: fleet.driver, shared: fleet.shared }));
    await Promise.race([
      once(child.stdout as Readable, "data"),
      exited.then(() => Promise.reject(new Error(`the fleet of ${streams} (${fleet.name}) ended early`))),
      wait(PUBLISH_DEADLINE_MS).then(() => Promise.reject(new Error(`the fleet of ${streams} (${fleet.name}) was not published`))),
    ]);
    await wait(SETTLE_MS);
    await countPackets(child); // those until now
    const before = processTreeUsage(child.pid ?? 0);
    const fromMs = performance.now();
    await wait(seconds * 1000);
    const after = processTreeUsage(child.pid ?? 0);
    const elapsedS = (performance.now() - fromMs) / 1000;
    const { sent, due, counted } = await countPackets(child);
    if (counted < streams) throw new Error(`the fleet of ${streams} (${fleet.name}): only ${counted} streams could be counted`);
    child.kill("SIGTERM");
    await exited;
    return {
      cpuPercent: round(((after.cpuS - before.cpuS) / elapsedS / streams) * 100, 2),
      memoryMb: round(after.residentBytes / 1e6, 1),
      sentPercent: Math.min(100, round((sent / due) * 100, 1)),
    };
  } finally {
    child.kill("SIGKILL");
  }
}

/** Packets sent and due since the count before. */
async function countPackets(child: ChildProcess): Promise<{ readonly sent: number; readonly due: number; readonly counted: number }> {
  const answer = once(child, "message", { signal: AbortSignal.timeout(COUNT_DEADLINE_MS) });
  child.send("count");
  return (await answer)[0] as { sent: number; due: number; counted: number };
}

/** Memory of each stream after the first, in MB. */
export function memoryEach(figures: readonly FleetFigures[], { name, streams, memoryMb }: FleetFigures): number | undefined {
  const one = figures.find((each) => each.name === name && each.streams === 1);
  return one && streams > 1 ? round((memoryMb - one.memoryMb) / (streams - 1), 2) : undefined;
}
