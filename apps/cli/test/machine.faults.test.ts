import { execFileSync, spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { reportFault } from "@roomtone/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BIN, endAll, Roomtone, type RoomtoneOptions } from "./roomtone.js";

let server: DevServer;
beforeAll(async () => {
  server = await startDevServer();
});
afterEach(endAll);
afterAll(() => server?.close());

const room = () => ["--url", server.url, "--api-key", server.apiKey, "--api-secret", server.apiSecret, "--room", "machine"];
const publish = (driver: string, options: RoomtoneOptions = {}, ...args: string[]) =>
  new Roomtone(["publish", ...room(), "--driver", driver, "--input", "tone:440", "--json", "--stats-interval", "1s", ...args], {
    stdin: "open",
    ...options,
  });

// The command line has no driver opus yet.
describe.each(["rtc"])("roomtone publish --driver %s", (driver) => {
  it("ends with 0 within 2 s on SIGTERM in each phase", async (context) => {
    const tookMs: number[] = [];
    for (const delayMs of [150, 300, 450, 600, 800, 1200, 2000]) {
      const run = publish(driver);
      await sleep(delayMs); // where in its life it is ended
      const { code, signal, tookMs: took } = await run.end("SIGTERM");
      // Before its handlers are there, the system's own way of ending is as good: nothing has begun.
      expect(code === 0 || (signal === "SIGTERM" && run.text === ""), `${code} ${signal} after ${delayMs} ms`).toBe(true);
      expect(took).toBeLessThan(6000);
      tookMs.push(took);
    }
    await reportFault(context, {
      part: "machine",
      fault: "SIGTERM in each phase, from its start to live",
      driver,
      seen: `\`closed\`, exit 0 after ${Math.round(Math.max(...tookMs))} ms at the longest`,
      lost: "",
      backMs: [],
      guard: "cli `process.ts`",
    });
  });

  it("keeps its room when it and all its children sleep for 25 s, longer than the server's patience", async (context) => {
    const run = publish(driver);
    await run.event("published");
    const pids = [run.process.pid as number, ...(await childrenOf(run.process.pid as number))];
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    await sleep(25_000); // the sleep itself
    for (const pid of pids) process.kill(pid, "SIGCONT");
    const fromMs = performance.now();
    const before = run.events.filter(({ event }) => event === "stats").length;
    await run.until("it sends again", () => run.events.filter(({ event }) => event === "stats").length >= before + 3);
    const backMs = performance.now() - fromMs;
    expect(run.events.some(({ event }) => event === "closed" || event === "error")).toBe(false);
    expect(await run.end("SIGTERM")).toMatchObject({ code: 0 });
    await reportFault(context, {
      part: "machine",
      fault: "sleep: the whole tree stopped for 25 s",
      driver,
      seen: "`reconnecting`, `reconnected` where the server had let go; three readings later it is as before",
      lost: "the sleep",
      backMs: [backMs],
      guard: "core `recovery.ts`, `liveness.ts`",
    });
  });

  it("ends by itself when its parent was killed and its output is closed", async (context) => {
    const args = ["publish", ...room(), "--driver", driver, "--input", "tone:440", "--json", "--stats-interval", "1s"];
    const program = `const c=require("node:child_process").spawn(process.execPath,${JSON.stringify([BIN, ...args])},{stdio:["ignore","pipe","ignore"]});process.stdout.write(c.pid+"\\n");c.stdout.on("data",(d)=>process.stdout.write(d));`;
    const parent = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    parent.stdout.on("data", (data: Buffer) => {
      text += data;
    });
    const startMs = performance.now();
    while (!text.includes('"published"')) {
      if (parent.exitCode !== null || performance.now() - startMs > 30_000) throw new Error(`it does not publish: ${text}`);
      await sleep(50);
    }
    const pid = Number(text.split("\n")[0]);
    const fromMs = performance.now();
    parent.kill("SIGKILL");
    while (isAlive(pid)) {
      if (performance.now() - fromMs > 20_000) {
        process.kill(pid, "SIGKILL");
        throw new Error("it went on without anybody to read it");
      }
      await sleep(20);
    }
    await reportFault(context, {
      part: "machine",
      fault: "parent killed, standard output closed",
      driver,
      seen: `leaves, quietly, ${Math.round(performance.now() - fromMs)} ms later`,
      lost: "",
      backMs: [],
      guard: "cli `process.ts`: a closed pipe",
    });
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = tasks.map((task) => execFileSync("cat", [`/proc/${pid}/task/${task}/children`], { encoding: "utf8" }));
  return lists.join(" ").split(/\s+/).filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
