import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withBuildLock } from "./build-lock.js";

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-lock-"));
  lock = join(folder, "lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("lets one work at a time, and leaves nothing behind", async () => {
  let working = 0;
  let most = 0;
  let waits = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++working);
    await new Promise((resolve) => setImmediate(resolve));
    working--;
  };
  await Promise.all(Array.from({ length: 4 }, () => withBuildLock(lock, { onWait: () => waits++ }, work)));
  expect(most).toBe(1);
  expect(waits).toBe(3);
  expect(await readdir(folder)).toEqual([]);
});

it("releases the lock when the work fails", async () => {
  const failing = withBuildLock(lock, {}, () => Promise.reject(new Error("no compiler")));
  await expect(failing).rejects.toThrow("no compiler");
  expect(await withBuildLock(lock, {}, async () => "next")).toBe("next");
});

it("takes over the lock of a process that crashed", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  await writeFile(lock, `${child.pid} crashed`);
  expect(await withBuildLock(lock, {}, async () => "done")).toBe("done");
});

it("takes over a lock without a heartbeat, though a process has its number", async () => {
  await writeFile(lock, `${process.pid} another machine`);
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  expect(await withBuildLock(lock, {}, async () => "done")).toBe("done");
});

it("stops waiting when the signal aborts", async () => {
  const controller = new AbortController();
  await writeFile(lock, `${process.pid} alive`);
  const waiting = withBuildLock(lock, { signal: controller.signal, onWait: () => controller.abort() }, async () => "done");
  await expect(waiting).rejects.toThrow(/abort/i);
});
