import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { checkNatives } from "@roomtone/node-audio";
import { withFolder } from "@roomtone/testing";
import { describe, expect, it } from "vitest";

const folder = withFolder();

const built = (path: string) => JSON.stringify(new URL(`../dist/${path}`, import.meta.url).href);

/** Runs `script` in a Node of its own, whose module search is not the test runner's. */
async function run(script: string): Promise<{ stdout: string; stderr: string }> {
  const { NODE_PATH: _, ...env } = process.env;
  return promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { cwd: folder(), env });
}

describe("native packages", () => {
  it("are checked without a room or a device", async () => {
    const checks = await checkNatives();
    expect(checks).toContainEqual({ packageName: "@livekit/rtc-node", version: "1.1.0", ok: true });
    expect(checks).toContainEqual({ packageName: "@discordjs/opus", version: "0.10.0", ok: true });
    expect(checks).toContainEqual({ packageName: "naudiodon", version: "2.3.6", ok: true });
  });

  it("are each one sentence with the command that installs them, where they are not installed", async () => {
    const { stdout } = await run(`
      import { requireOpus } from ${built("natives/load-opus.js")};
      import { requireRtcNode } from ${built("natives/load-rtc-node.js")};
      const from = process.cwd() + "/index.js";
      for (const load of [() => requireRtcNode({ from, libc: "glibc" }), () => requireOpus(from)]) {
        try { load(); } catch (error) { console.log(error.code, error.details.packageName, error.message); }
      }`);
    expect(stdout.trim().split("\n")).toEqual([
      "native-missing @livekit/rtc-node rooms cannot be joined: @livekit/rtc-node is not installed. To fix it: npm install @livekit/rtc-node",
      "native-missing @discordjs/opus audio cannot be encoded: the optional package @discordjs/opus is not installed. To fix it: npm install @discordjs/opus",
    ]);
  });

  it("are not loaded by importing the package", async () => {
    const { stdout } = await run(`
      await import(${built("index.js")});
      console.log(process.report.getReport().sharedObjects.filter((path) => path.endsWith(".node")).length, globalThis._ffiClientInstance);`);
    expect(stdout.trim()).toBe("0 undefined");
  });

  it("say nothing on standard output, whatever NODE_ENV is, and let the process end once released", async () => {
    const { stdout } = await run(`
      import { checkNatives, releaseNatives, rtcDriver } from ${built("index.js")};
      await checkNatives();
      const token = ["{}", '{"video":{"roomJoin":true}}', "{}"].map((part) => Buffer.from(part).toString("base64url")).join(".");
      const connecting = rtcDriver().connect({ url: "ws://127.0.0.1:9", token, subscribe: false, on() {} }, new AbortController().signal);
      const code = await connecting.catch((error) => error.code);
      await releaseNatives();
      await releaseNatives();
      const after = await rtcDriver().connect({ url: "ws://127.0.0.1:9", token, subscribe: false, on() {} }, new AbortController().signal).catch((error) => error.code);
      console.log(code, after);`);
    expect(stdout).toBe("server-unreachable unsupported\n");
  });
});
