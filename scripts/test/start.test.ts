import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import { expect, it } from "vitest";
import { root } from "../src/tool.ts";
import { npmFile } from "./npm-file.ts";

it.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
  "npm start serves the page, and leaves with 0 when %s asks it to, through npm",
  { timeout: 120_000 },
  async (signal) => {
    // As a person calls it: without what the tests' own run has put before PATH.
    const PATH = (process.env["PATH"] ?? "")
      .split(delimiter)
      .filter((folder) => !folder.startsWith(root))
      .join(delimiter);
    const startedMs = performance.now();
    const npm = spawn(process.execPath, [npmFile("npm-cli.js"), "start"], { cwd: root, detached: true, env: { ...process.env, PATH } });
    let output = "";
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const ended = once(npm, "exit");
    const link = (): string | undefined => /http:\S+\?room=\S+/.exec(output)?.[0];
    while (!link() || !/publishing/.test(output))
      await Promise.race([once(npm.stdout, "data"), once(npm.stderr, "data"), ended.then(failed)]);
    process.stderr.write(`npm start was live after ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
    expect((await fetch(link() ?? "")).status).toBe(200);
    const leftMs = performance.now();
    process.kill(npm.pid ?? 0, signal);
    expect(await ended, output).toEqual([0, null]);
    process.stderr.write(`npm start left in ${((performance.now() - leftMs) / 1000).toFixed(1)} s\n`);
    await expect(fetch(link() ?? "")).rejects.toThrow();

    function failed(): never {
      throw new Error(`npm start ended by itself:\n${output}`);
    }
  },
);
