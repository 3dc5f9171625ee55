import { execFileSync } from "node:child_process";
import { access, mkdir, readdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { startDevServer } from "@roomtone/dev-server";
import { sine, wavBytes, withFolder } from "@roomtone/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { BIN, endAll, Roomtone, type RoomtoneOptions } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

/** Two seconds, with threefold slack for a busy machine. */
const OUT_WITHIN_MS = 6000;
/** At once, with the same. */
const AT_ONCE_MS = 1500;

const server = withDevServer();
/** Takes connections and never says a word. */
let silent: Server;
const folder = withFolder();
/** Where a run puts its temporary files. */
let temporary: string;
beforeAll(async () => {
  temporary = join(folder(), "temporary");
  await mkdir(temporary);
  silent = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});
afterEach(endAll);
afterAll(async () => {
  silent?.close();
});

const env = () => ({ TMPDIR: temporary, XDG_RUNTIME_DIR: folder() });
const publish = (url: string, options: RoomtoneOptions = {}, ...args: string[]) =>
  new Roomtone(["publish", ...accessTo(server(), "ends", url), "--input", "tone:440", "--json", ...args], {
    env: env(),
    stdin: "open",
    ...options,
  });

/** The process, its children and its files are gone. */
async function leavesNothing(run: Roomtone, children: readonly number[]): Promise<void> {
  for (const pid of [run.process.pid ?? 0, ...children]) expect(isRunning(pid), `process ${pid}`).toBe(false);
  expect(await readdir(temporary)).toEqual([]);
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return execFileSync("pgrep", ["-P", `${pid}`], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the first SIGINT or SIGTERM leaves cleanly, with 0, in every phase", () => {
  it("while connecting", async () => {
    const { port } = silent.address() as { port: number };
    const run = publish(`ws://127.0.0.1:${port}`);
    await new Promise<void>((resolve) => silent.once("connection", () => resolve()));
    const { code, tookMs } = await run.end("SIGINT");
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(OUT_WITHIN_MS);
    expect(run.events).toEqual([{ event: "closed", reason: "left" }]);
    expect(run.stderr).toBe("");
    await leavesNothing(run, []);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("while publishing, %s", async (signal) => {
    const run = publish(server().url);
    await run.event("published");
    const children = childrenOf(run.process.pid);
    const { code, tookMs } = await run.end(signal);
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(OUT_WITHIN_MS);
    expect(run.events.at(-1)).toEqual({ event: "closed", reason: "left" });
    expect(run.stderr).toBe("");
    await leavesNothing(run, children);
  });
});

describe("leaving", () => {
  it("works while reconnecting, and with the server frozen", async () => {
    const other = await startDevServer();
    try {
      const command = ["publish", ...accessTo(other, "ends"), "--input", "tone:440", "--json"];
      const [reconnecting, frozen] = [0, 1].map(() => new Roomtone(command, { env: env(), stdin: "open" }));
      if (!reconnecting || !frozen) throw new Error("two runs were started");
      await Promise.all([reconnecting.event("published"), frozen.event("published")]);

      await other.signal("SIGSTOP");
      const fromFrozen = await frozen.end("SIGINT");
      expect(fromFrozen.code).toBe(0);
      expect(fromFrozen.tookMs).toBeLessThan(OUT_WITHIN_MS);
      expect(frozen.events.at(-1)).toEqual({ event: "closed", reason: "left" });

      await other.kill("SIGKILL");
      await reconnecting.event("reconnecting");
      const fromReconnecting = await reconnecting.end("SIGINT");
      expect(fromReconnecting.code).toBe(0);
      expect(fromReconnecting.tookMs).toBeLessThan(OUT_WITHIN_MS);
      expect(reconnecting.events.at(-1)).toEqual({ event: "closed", reason: "left" });
    } finally {
      await other.close();
    }
    expect(await readdir(temporary)).toEqual([]);
  });

  it("is cut short by a second Ctrl-C, with 130, and is over after two seconds in any case", async () => {
    const stuck = { command: [process.execPath, "--require", join(import.meta.dirname, "faults", "stuck.cjs"), BIN] as const };
    const [impatient, patient] = [publish(server().url, stuck), publish(server().url, stuck)];
    await Promise.all([impatient.event("published"), patient.event("published")]);
    patient.process.kill("SIGTERM");
    impatient.process.kill("SIGINT");
    await impatient.event("closed"); // and now it is stuck
    const second = await impatient.end("SIGINT");
    expect(second.code).toBe(130);
    expect(second.tookMs).toBeLessThan(AT_ONCE_MS);
    expect(await patient.exited).toMatchObject({ code: 0 });
  });

  it("is not kept waiting by named pipes that nobody writes to or reads", async () => {
    const pipe = (name: string) => {
      execFileSync("mkfifo", [join(folder(), name)]);
      return join(folder(), name);
    };
    await mkdir(join(folder(), "elsewhere"));
    pipe("elsewhere/.env");
    const keys = accessTo(server(), "ends");
    const waiting = [
      new Roomtone(["publish", "--url", server().url, "--token-file", pipe("token"), "--input", "tone:440"], { env: env() }),
      new Roomtone(["token", "--room", "ends"], { env: env(), cwd: join(folder(), "elsewhere") }),
    ];
    const refused = [
      new Roomtone(["publish", ...keys, "--input", pipe("input.wav")], { env: env() }),
      new Roomtone(["listen", ...keys, "--output", pipe("output.wav")], { env: env() }),
      new Roomtone(["record", "--input", "tone:440", "--overwrite", pipe("record.ogg")], { env: env() }),
    ];
    expect((await Promise.all(refused.map(({ exited }) => exited))).map(({ code }) => code)).toEqual([66, 73, 73]);
    // Those that were refused have started and ended meanwhile: these have begun to wait.
    for (const { code, tookMs } of await Promise.all(waiting.map((run) => run.end("SIGTERM")))) {
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(OUT_WITHIN_MS);
    }
  });

  it("happens when the program that reads the events has enough", async () => {
    const run = publish(server().url, {}, "--stats-interval", "100ms");
    await run.event("published");
    run.process.stdout.destroy();
    expect(await run.exited).toMatchObject({ code: 0, signal: null });
    expect(run.stderr).toBe("");
  });

  it("does not happen because standard input is at its end", async () => {
    const run = publish(server().url, {}, "--stats-interval", "100ms");
    run.process.stdin.end();
    await run.event("stats", 3);
    expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
  });

  it("happens at the end of a stream on standard input when its writer is killed", async () => {
    const run = new Roomtone(["publish", ...accessTo(server(), "ends"), "--input", "-", "--json"], { env: env(), stdin: "open" });
    run.process.stdin.write(wavBytes(sine({ frequencyHz: 440, durationMs: 1000 })));
    await run.event("published");
    run.process.stdin.destroy(); // what the system does with a pipe whose writer was killed
    expect(await run.exited).toMatchObject({ code: 0 });
    expect(run.events.at(-1)).toEqual({ event: "closed", reason: "left" });
  });
});

describe("roomtone dev", () => {
  it("takes its server, its ports and its note with it", async () => {
    const run = new Roomtone(["dev", "--input", "tone:440", "--json"], { env: env(), stdin: "open" });
    const ready = await run.event("ready");
    await run.event("published");
    const page = await fetch(String(ready["page"]));
    expect([200, 404]).toContain(page.status); // 404: built without the page
    const children = childrenOf(run.process.pid);
    expect(children.length).toBeGreaterThan(0);
    const listener = new Roomtone(["listen", "--dev", "--output", join(folder(), "dev.wav"), "--json"], { env: env() });
    await listener.event("track-subscribed");
    expect(await listener.end("SIGINT")).toMatchObject({ code: 0 });
    await rm(join(folder(), "dev.wav"));
    const { code, tookMs } = await run.end("SIGINT");
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(OUT_WITHIN_MS);
    expect(run.events.at(-1)).toEqual({ event: "closed", reason: "left" });
    const address = new URL(String(ready["url"]));
    await expect(
      new Promise((resolve, reject) => connect(Number(address.port), address.hostname, () => resolve("open")).on("error", reject)),
    ).rejects.toThrow("ECONNREFUSED");
    await expect(access(join(folder(), "roomtone", "dev.json"))).rejects.toThrow("ENOENT");
    await leavesNothing(run, children);
  });
});
