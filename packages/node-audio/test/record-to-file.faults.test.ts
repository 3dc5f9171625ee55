import { execFileSync } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordToFile } from "@roomtone/node-audio";
import { FakeCapture, measureTone, reportFault } from "@roomtone/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decodeOgg } from "./support/ogg-tools.js";

let folder: string;

/** A file system of 64 KiB: making one takes root on Linux, which is what continuous integration is. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-small-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
});
afterEach(async () => {
  execFileSync("umount", [folder]);
  await rm(folder, { recursive: true, force: true });
});

it("stops with disk-full on a disk that fills up, and what was written plays", async (context) => {
  const path = join(folder, "take.ogg");
  const capture = new FakeCapture({ overflow: "wait", running: true });
  const recording = await recordToFile(capture, path);
  await expect(recording.ended).rejects.toMatchObject({ code: "disk-full", details: { path } });
  await capture.close();
  await recording.close();
  expect((await stat(path)).size).toBe(recording.statistics.bytesWritten);
  const decoded = await decodeOgg(path);
  expect(decoded.length).toBeGreaterThan(48_000);
  expect(measureTone(decoded, { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.95);
  await reportFault(context, {
    part: "machine",
    fault: "disk full while recording, without a room",
    driver: "any",
    seen: "`disk-full` with the path",
    lost: "from then on; what was written plays",
    backMs: [],
    guard: "`recording/recording-file.ts` (*tried*)",
  });
});
