import { execFileSync } from "node:child_process";
import { mkdtemp, open, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readSmallFile } from "./read-small-file.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-small-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = (name: string) => join(folder, name);

/** How often this process has `file` open. */
async function openings(file: string): Promise<number> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => "")));
  return targets.filter((target) => target === file).length;
}

describe("a small file", () => {
  it("is read whole up to 64 KiB, and refused beyond, however long it goes on", async () => {
    await writeFile(path("most"), "a".repeat(65_536));
    expect(await readSmallFile(path("most"))).toHaveLength(65_536);
    await writeFile(path("more"), "a".repeat(65_537));
    await expect(readSmallFile(path("more"))).rejects.toMatchObject({ code: "EFBIG" });
    await expect(readSmallFile("/dev/zero")).rejects.toMatchObject({ code: "EFBIG" });
  });

  it("may be a pipe, whose writer takes its time", async () => {
    execFileSync("mkfifo", [path("pipe")]);
    const writer = await open(path("pipe"), "r+"); // both ends, so that neither opening waits for the other
    await writer.write("to");
    const reading = readSmallFile(path("pipe"));
    // What is written is gone where the writer closes before anybody has opened the pipe to read.
    await vi.waitFor(async () => expect(await openings(path("pipe"))).toBe(2), { timeout: 10_000 });
    await writer.write("ken");
    await writer.close();
    expect(await reading).toBe("token");
  });

  it("that is a pipe nobody writes to is waited for until the signal, and a folder or nothing is the system's error", async () => {
    execFileSync("mkfifo", [path("pipe")]);
    const leaving = new AbortController();
    const reading = readSmallFile(path("pipe"), leaving.signal);
    setImmediate(() => leaving.abort(new Error("left")));
    await expect(reading).rejects.toThrow("left");
    await expect(readSmallFile(folder)).rejects.toMatchObject({ code: "EISDIR" });
    await expect(readSmallFile(path("nothing"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
