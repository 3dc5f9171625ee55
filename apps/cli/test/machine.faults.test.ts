import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { reportFault } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { BIN, endAll, Roomtone, type RoomtoneOptions } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
afterEach(endAll);

const room = () => accessTo(server(), "machine");
const publish = (driver: string, options: RoomtoneOptions = {}, ...args: string[]) =>
  new Roomtone(["publish", ...room(), "--driver", driver, "--input", "tone:440", "--json", "--stats-interval", "1s", ...args], {
    stdin: "open",
    ...options,
  });

describe.each(["opus", "rtc"])("roomtone publish --driver %s", (driver) => {
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
      guard: "cli `process.ts` (*tried*)",
    });
  });

  it("goes on in a heap of 32 MB", async (context) => {
    const run = publish(driver, { command: [process.execPath, "--max-old-space-size=32", BIN] });
    await run.event("stats", 8);
    expect(await run.end("SIGTERM")).toMatchObject({ code: 0 });
    await reportFault(context, {
      part: "machine",
      fault: "memory: a JavaScript heap of 32 MB, for 8 s",
      driver,
      seen: "nothing",
      lost: "nothing",
      backMs: [],
      guard: "nothing has to: it needs no more (without the bounds of core `frame-queue.ts` it holds)",
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
      guard: "cli `process.ts`: a closed pipe (*tried*)",
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
