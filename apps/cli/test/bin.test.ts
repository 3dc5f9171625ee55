import { execFileSync } from "node:child_process";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withFolder } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { BIN, endAll, Roomtone } from "./roomtone.js";

const folder = withFolder();
afterEach(endAll);

describe("the built roomtone", () => {
  it("says its version, and its help on standard output", async () => {
    const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
    const version = new Roomtone(["--version"]);
    expect(await version.exited).toMatchObject({ code: 0 });
    expect(version.text).toBe(`${manifest.version}\n`);
    const help = new Roomtone([]);
    expect(await help.exited).toMatchObject({ code: 0 });
    expect(help.text).toContain("Start here:");
    expect(help.stderr).toBe("");
  });

  it("runs through a symbolic link, as npx starts it", async () => {
    const link = join(folder(), "roomtone");
    await symlink(BIN, link);
    const linked = new Roomtone(["--version"], {
      command: [link],
      env: { PATH: `${join(process.execPath, "..")}:${process.env["PATH"]}` },
    });
    expect(await linked.exited).toMatchObject({ code: 0 });
    expect(linked.text).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("tells an old Node in a sentence, before it imports anything", async () => {
    const old = join(folder(), "old-node.cjs");
    await writeFile(
      old,
      'Object.defineProperty(process, "version", { value: "v20.20.2" });\nObject.defineProperty(process.versions, "node", { value: "20.20.2" });\n',
    );
    const run = new Roomtone(["publish"], { command: [process.execPath, "--require", old, BIN] });
    expect(await run.exited).toMatchObject({ code: 69 });
    expect(run.stderr).toMatch(/^error: roomtone needs Node 22\.12 or newer, and this is v20\.20\.2\.\n {2}fix: /);
    expect(run.text).toBe("");
  });

  it("loads no native library for help and tokens", async () => {
    const report = join(folder(), "report.cjs");
    await writeFile(
      report,
      'process.on("exit", () => process.stderr.write(process.report.getReport().sharedObjects.filter((path) => path.endsWith(".node")).join()));\n',
    );
    for (const args of [
      ["publish", "--help"],
      ["token", "--room", "r", "--api-key", "k", "--api-secret", "rtsecret_bin_test_0123456789abcdef0"],
    ]) {
      const run = new Roomtone(args, { command: [process.execPath, "--require", report, BIN] });
      expect(await run.exited).toMatchObject({ code: 0 });
      expect(run.stderr).toBe("");
    }
  });

  it("ends quietly with 0 when the reader of standard output has enough", async () => {
    const run = new Roomtone(["--help"]);
    run.process.stdout.destroy();
    expect(await run.exited).toMatchObject({ code: 0, signal: null });
    expect(run.stderr).toBe("");
  });

  it("prints completion that bash takes", async () => {
    const run = new Roomtone(["completion", "bash"]);
    expect(await run.exited).toMatchObject({ code: 0 });
    execFileSync("bash", ["-n"], { input: run.stdout });
  });
});
