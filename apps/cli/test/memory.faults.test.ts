import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { reportFault, systemTime, until } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { MemoryGroup } from "./memory-group.js";
import { BIN, endAll, Roomtone } from "./roomtone.js";

const MEGABYTE = 1024 * 1024;
const SPARE_BYTES = 12 * MEGABYTE;

let server: DevServer;
let folder: string;
let group: MemoryGroup;
beforeEach(async () => {
  server = await startDevServer();
  folder = await mkdtemp(join(tmpdir(), "roomtone-memory-"));
  group = MemoryGroup.create("memory");
});
afterEach(async () => {
  await endAll();
  group.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** One that publishes and records, and has all that it needs; and since when it records. */
async function publish(driver: string): Promise<{ readonly run: Roomtone; readonly recordsSinceMs: number }> {
  const access = accessTo(server, "memory");
  const audio = ["--driver", driver, "--input", "tone:440", "--record", "take.ogg", "--stats-interval", "1s"];
  const command = [...group.inside, process.execPath, BIN] as const;
  const run = new Roomtone(["publish", ...access, ...audio, "--json"], { stdin: "open", cwd: folder, command });
  await run.event("recording");
  const recordsSinceMs = performance.now();
  await run.event("stats", 4);
  return { run, recordsSinceMs };
}

const listen = async () =>
  RawSubscriber.join(server.url, await server.createToken({ identity: `listener-${performance.now()}`, roomName: "memory" }));

/** What another program says of the recording: how long it plays, and whether any of it is damaged. */
function take(): { readonly seconds: number; readonly damage: string[] } {
  const { stdout, stderr } = spawnSync("opusinfo", [join(folder, "take.ogg")], { encoding: "utf8" });
  const [, minutes = "0", seconds = "0"] = /Playback length: (\d+)m:([\d.]+)s/.exec(stdout) ?? [];
  const damage = `${stdout}${stderr}`.split("\n").filter((line) => /hole|corrupt|invalid|illegal|negative|out of order/i.test(line));
  return { seconds: Number(minutes) * 60 + Number(seconds), damage };
}

describe.each(["opus", "rtc"])("roomtone publish --driver %s --record", (driver) => {
  it("goes on through an outage of its server with 12 MB of memory to spare", async (context) => {
    const { run } = await publish(driver);
    const limitBytes = group.usedBytes + SPARE_BYTES;
    expect(group.limit(limitBytes)).toBe(true);
    await server.kill();
    await sleep(5000); // the outage itself
    await server.start();
    const fromMs = performance.now();
    const listener = await listen();
    await run.until("a listener hears it", () => listener.packets.length > 10);
    const backMs = performance.now() - fromMs;
    await listener.leave();
    expect(await run.end("SIGTERM")).toMatchObject({ code: 0 });
    expect(take()).toEqual({ seconds: expect.closeTo(10, -1), damage: [] });
    await reportFault(context, {
      part: "machine",
      fault: `memory: ${SPARE_BYTES / MEGABYTE} MB more than it had, while the server restarts`,
      driver,
      seen: "`reconnecting`, `reconnected`",
      lost: "the outage and the time back",
      backMs: [backMs],
      guard: "nothing has to: it needs no more (without the bounds of core `frame-queue.ts` it holds)",
    });
  });

  it("is ended by the system where no memory is left, and the recording plays to its last second", async (context) => {
    const { run, recordsSinceMs } = await publish(driver);
    await sleep(3000); // the length of the recording
    const isOver = () => run.process.exitCode !== null || run.process.signalCode !== null;
    const squeeze = () => {
      if (!isOver()) group.limit(group.usedBytes);
      return isOver();
    };
    await until(systemTime(), "the system ends it", squeeze, 60_000);
    const recordedMs = performance.now() - recordsSinceMs;
    const { code, signal } = await run.exited;
    expect([code, signal]).toEqual([null, "SIGKILL"]);
    const { seconds, damage } = take();
    expect(damage).toEqual([]);
    expect(seconds * 1000).toBeGreaterThan(recordedMs - 2000);
    await reportFault(context, {
      part: "machine",
      fault: "memory: none left",
      driver,
      seen: "SIGKILL by the system",
      lost: "all from then on; the recording plays to its last second",
      backMs: [],
      guard: "`recording/ogg-opus-writer.ts`: a page each half second (*tried*)",
    });
  });
});
