import { execFileSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { withFolder } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { endAll, Roomtone } from "./roomtone.js";

const folder = withFolder();
afterEach(endAll);

const durationS = (path: string) =>
  Number(execFileSync("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path], { encoding: "utf8" }));

describe("roomtone record", () => {
  it("writes Ogg Opus that other programs play, for as long as it was told", async () => {
    const run = new Roomtone(["record", "--input", "tone:440", "--duration", "1500ms", "tone.ogg", "--json"], { cwd: folder() });
    expect(await run.exited).toMatchObject({ code: 0 });
    const path = join(folder(), "tone.ogg");
    expect(run.events).toMatchObject([
      { event: "recording", path },
      { event: "recorded", path, durationMs: expect.any(Number) },
      { event: "closed", reason: "finished" },
    ]);
    expect(durationS(path)).toBeGreaterThan(1);
    expect((await readFile(path)).subarray(0, 4).toString()).toBe("OggS");
    expect(execFileSync("opusinfo", [path], { encoding: "utf8" })).not.toMatch(/WARNING|ERROR/);
  });

  it("leaves a file that plays when it is killed", async () => {
    const run = new Roomtone(["record", "--input", "tone:440", "--output", "killed.ogg", "--json"], { cwd: folder() });
    await run.event("recording");
    const path = join(folder(), "killed.ogg");
    const deadline = performance.now() + 20_000;
    while ((await stat(path)).size < 8000 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    await run.end("SIGKILL");
    expect(durationS(path)).toBeGreaterThan(1);
  });

  it("names the file by the time where nobody else does, ends on Ctrl-C, and replaces nothing unasked", async () => {
    const run = new Roomtone(["record", "--input", "tone:440", "--json"], { cwd: folder() });
    const { path } = await run.event("recording");
    expect(String(path)).toMatch(/roomtone-\d{4}-\d\d-\d\d-\d{6}\.ogg$/);
    expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
    const again = new Roomtone(["record", "--input", "tone:440", String(path)], { cwd: folder() });
    expect(await again.exited).toMatchObject({ code: 73 });
    expect(again.stderr).toContain("exists");
    const replaced = new Roomtone(["record", "--input", "tone:440", "--duration", "100ms", "--overwrite", String(path)], { cwd: folder() });
    expect(await replaced.exited).toMatchObject({ code: 0 });
  });
});
