import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseSystemPackages } from "../src/system-packages.ts";
import { root, runCommand } from "../src/tool.ts";
import { npmFile } from "./npm-file.ts";

let clone: string;
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), "roomtone fresh clone "));
  for (const part of ["scripts", "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"])
    await cp(join(root, part), join(clone, part), { recursive: true });
});
afterEach(() => rm(clone, { recursive: true, force: true }));

it.skipIf(process.platform === "win32")(
  "says in one sentence what to do where npm's settings keep Node 24 from being unpacked",
  { timeout: 120_000 },
  async () => {
    // An older Node stands on PATH, and npx begins with an empty cache: what it has unpacked before would be found there.
    const older = join(clone, "older");
    await mkdir(older);
    await writeFile(join(older, "node"), `#!/bin/sh\necho '{"version":"v20.20.2","folder":"/nowhere"}'\n`, { mode: 0o755 });
    const PATH = [older, "/usr/local/bin", "/usr/bin", "/bin"].join(delimiter);
    const env = {
      PATH,
      npm_execpath: npmFile("npm-cli.js"),
      npm_config_ignore_scripts: "true",
      npm_config_cache: join(clone, "npm cache"),
    };
    const { exitCode, output } = await runCommand(process.execPath, [join(clone, "scripts", "bootstrap.mjs"), "bench"], {
      cwd: clone,
      env,
    });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^roomtone: npm left Node at v20\.20\.2, because its setting ignore-scripts .*ignore-scripts false/m);
    expect(output).not.toMatch(/^\s+at /m);
  },
);

it("knows its lanes", async () => {
  const { exitCode, output } = await runCommand(process.execPath, [join(root, "scripts", "src", "run.ts"), "tests"]);
  expect(exitCode).toBe(64);
  expect(output).toContain('there is no lane "tests": start, test, test:faults, test:slow, bench, soak.');
});

it("reads the list of system packages", () => {
  expect(parseSystemPackages("# comment\n\nsox   sox\nopus-tools  opusinfo\nflac\n")).toEqual([
    { name: "sox", shownBy: "sox" },
    { name: "opus-tools", shownBy: "opusinfo" },
    { name: "flac", shownBy: "flac" },
  ]);
});
