import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";

// Copies of one signal are told apart from a second one by time: 300 ms.
const LATER_MS = 700;

interface Running {
  readonly parent: ChildProcessWithoutNullStreams;
  readonly pid: number;
  output(): string;
  leave(exitCode: number): Promise<number | null>;
}

/** A parent and its child in a group of their own, as a terminal starts them. */
async function start(): Promise<Running> {
  const here = import.meta.dirname;
  const parent = spawn(process.execPath, [join(here, "signals-parent.mjs"), join(here, "signals-child.ts")], { detached: true });
  let output = "";
  parent.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  while (!output.includes("ready")) await once(parent.stdout, "data");
  return {
    parent,
    pid: parent.pid ?? 0,
    output: () => output.replace("ready\n", ""),
    leave: async (exitCode) => {
      parent.stdin.write(`${exitCode}\n`);
      const [code] = await once(parent, "exit");
      return code as number | null;
    },
  };
}

describe.skipIf(process.platform === "win32")("a signal", () => {
  it("of a terminal, which goes to the whole group and comes again through npm, reaches the command once", async () => {
    const running = await start();
    process.kill(-running.pid, "SIGINT");
    process.kill(running.pid, "SIGINT");
    await delay(LATER_MS);
    expect(running.output()).toBe("SIGINT\n");
    process.kill(-running.pid, "SIGINT");
    await delay(LATER_MS);
    expect(running.output()).toBe("SIGINT\nSIGINT\n");
    expect(await running.leave(0)).toBe(0);
  });

  it("that reaches the outermost process alone is handed on", async () => {
    const running = await start();
    process.kill(running.pid, "SIGTERM");
    await delay(LATER_MS);
    process.kill(running.pid, "SIGINT");
    await delay(LATER_MS);
    expect(running.output()).toBe("SIGTERM\nSIGINT\n");
    expect(await running.leave(74)).toBe(74);
  });
});
