import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { reportFault, systemTime, until } from "@roomtone/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { firstAnswerMs } from "./support/outages.js";
import { ToneListener } from "./support/tone-listener.js";

const program = fileURLToPath(new URL("./support/descriptors-program.mjs", import.meta.url));

let server: DevServer;
let running: ChildProcessWithoutNullStreams | undefined;
beforeEach(async () => {
  server = await startDevServer();
});
afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    const exited = once(running, "exit");
    running.kill("SIGKILL");
    await exited;
  }
  await server.close();
});

/** The program under a limit on its open files, and the lines that it printed. */
async function start(driver: string, limit: number): Promise<readonly string[]> {
  const token = await server.createToken({ identity: "publisher", roomName: "descriptors" });
  const argument = JSON.stringify({ driver, url: server.url, token });
  const command = ["-c", `ulimit -n ${limit}; exec "$0" "$@"`, process.execPath, program, argument];
  running = spawn("sh", command, { stdio: "pipe" });
  running.stderr.resume();
  const lines: string[] = [];
  running.stdout.on("data", (chunk: Buffer) => lines.push(...chunk.toString().split("\n").filter(Boolean)));
  const child = running;
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  await until(systemTime(), "the program is live, or over", () => lines.includes("live") || isOver(), 30_000);
  return lines;
}

const tell = (line: string) => running?.stdin.write(`${line}\n`);

describe.each([
  ["opus", 28],
  ["rtc", 40],
] as const)("a program on %s", (driver, tooFew) => {
  it(`that may open ${tooFew} files fails with a sentence, not with an abort`, async (context) => {
    const lines = await start(driver, tooFew);
    await until(systemTime(), "it is over", () => running?.exitCode !== null, 10_000);
    expect([running?.exitCode, running?.signalCode]).toEqual([0, null]);
    expect(lines.at(-1)).toMatch(/^unsupported: .*ulimit -n/);
    await reportFault(context, {
      part: "machine",
      fault: `a limit of ${tooFew} open files`,
      driver,
      seen: "`unsupported`, with what to raise",
      lost: "",
      backMs: [],
      guard: "`natives/descriptors.ts` (*tried*)",
    });
  });

  it("whose files are all used up while its server restarts is heard again when some are free", async (context) => {
    const lines = await start(driver, 256);
    expect(lines).toContain("live");
    tell("exhaust");
    await until(systemTime(), "no more can be opened", () => lines.includes("EMFILE"), 10_000);
    await server.kill();
    await sleep(500); // the outage itself
    await server.start();
    await firstAnswerMs(server.httpUrl);
    await sleep(5000); // so long the server is there, and nobody can reach it
    expect([running?.exitCode, running?.signalCode]).toEqual([null, null]);
    tell("free");
    const freedMs = performance.now();
    const listener = await ToneListener.join(server.url, await server.createToken({ identity: "listener", roomName: "descriptors" }));
    try {
      const heardMs = await listener.hearsMs(440, 40_000);
      expect(lines).not.toContain("closed");
      await reportFault(context, {
        part: "machine",
        fault: "no file descriptors left while the server restarts, and 5 s longer",
        driver,
        seen: "`reconnecting`, then `reconnected`",
        lost: "the time without, and the time back",
        backMs: [heardMs - freedMs],
        guard: "core `recovery.ts` (*tried*; without `natives/descriptors.ts` it holds)",
      });
    } finally {
      await listener.leave();
    }
  });
});
