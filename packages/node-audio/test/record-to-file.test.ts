import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PcmCapture, RoomtoneError } from "@roomtone/core";
import { recordToFile } from "@roomtone/node-audio";
import { FakeCapture, findGaps, measureTone } from "@roomtone/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeOgg, inspectOgg } from "./support/ogg-tools.js";

const recorderProgram = fileURLToPath(new URL("./support/recorder-program.mjs", import.meta.url));
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-recording-"));
  path = join(folder, "take.ogg");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Records `capture`, which `say` drives, to its end. */
async function record(capture: FakeCapture, say: () => void, options?: Parameters<typeof recordToFile>[2]): Promise<void> {
  const recording = await recordToFile(capture, path, options);
  say();
  capture.end();
  await recording.ended;
}

describe("recordToFile", () => {
  it.each([1, 2] as const)("writes what ffmpeg and opusinfo read alike: exact length, no warning (%i channel)", async (channels) => {
    const capture = new FakeCapture({ channels, overflow: "wait" });
    await record(capture, () => capture.push(315));
    expect(await inspectOgg(path)).toEqual({ decodedMs: 3150, channels, warnings: [] });
    const { purity } = measureTone(await decodeOgg(path), { sampleRateHz: 48_000, frequencyHz: 440 });
    expect(purity).toBeGreaterThan(0.95);
  });

  it.each([2.5, 5, 10, 20, 40, 60] as const)("keeps the exact length with packets of %f ms", async (frameDurationMs) => {
    const capture = new FakeCapture({ overflow: "wait" });
    await record(capture, () => capture.push(123), { opus: { frameDurationMs } });
    expect(await inspectOgg(path)).toMatchObject({ decodedMs: 1230, warnings: [] });
  });

  it("leaves a file that opens where nothing was said", async () => {
    await record(new FakeCapture(), () => {});
    expect(await inspectOgg(path)).toMatchObject({ decodedMs: 0, warnings: [] });
  });

  it("writes silence for what was lost, so that the file's time is the capture's, and counts it", async () => {
    const capture = new FakeCapture({ overflow: "wait" });
    const recording = await recordToFile(capture, path);
    capture.push(100);
    capture.gap(735);
    capture.push(100);
    capture.gap(5);
    capture.push(100);
    capture.end();
    await recording.ended;
    expect(recording.statistics).toMatchObject({ durationMs: 3740, lostMs: 740 });
    const decoded = await decodeOgg(path);
    expect(decoded.length / 48).toBe(3740);
    const [gap, ...more] = findGaps(decoded, { sampleRateHz: 48_000, minGapMs: 100 });
    expect(more).toEqual([]);
    expect(gap?.startMs).toBeCloseTo(1000, -2);
    expect(gap?.durationMs).toBeCloseTo(730, -2);
  });

  it("finishes the file on close, twice too, and leaves the capture open", async () => {
    const capture = new FakeCapture();
    const recording = await recordToFile(capture, path);
    capture.push(10);
    await Promise.all([recording.close(), recording.close()]);
    await recording.ended;
    expect(capture.closed).toBe(false);
    expect(capture.consumerCount).toBe(0);
    expect((await inspectOgg(path)).warnings).toEqual([]);
  });

  it("ends like close when its signal aborts", async () => {
    const capture = new FakeCapture();
    const stop = new AbortController();
    const recording = await recordToFile(capture, path, { signal: stop.signal });
    stop.abort();
    await recording.ended;
    expect((await inspectOgg(path)).warnings).toEqual([]);
  });

  it("completes the file of a capture that fails, and tells the failure", async () => {
    const capture = new FakeCapture();
    const recording = await recordToFile(capture, path);
    capture.push(20);
    capture.fail(new RoomtoneError("device-lost", "The microphone is gone."));
    await expect(recording.ended).rejects.toMatchObject({ code: "device-lost" });
    expect(await inspectOgg(path)).toMatchObject({ decodedMs: 200, warnings: [] });
  });

  it("does not write over a recording unless told to", async () => {
    await writeFile(path, "an earlier take");
    await expect(recordToFile(new FakeCapture(), path)).rejects.toMatchObject({ code: "output-unwritable", details: { path } });
    expect(await readFile(path, "utf8")).toBe("an earlier take");
    await record(new FakeCapture(), () => {}, { overwrite: true });
    expect((await inspectOgg(path)).warnings).toEqual([]);
  });

  it("refuses a path that it cannot write, with the reason, before anything is read from the capture", async () => {
    const capture: PcmCapture = new FakeCapture();
    await writeFile(path, "");
    await chmod(folder, 0o755);
    await expect(recordToFile(capture, join(folder, "none", "take.ogg"))).rejects.toMatchObject({ code: "output-unwritable" });
    await expect(recordToFile(capture, folder)).rejects.toThrow("it is a folder");
    execFileSync("mkfifo", [join(folder, "pipe.ogg")]);
    await expect(recordToFile(capture, join(folder, "pipe.ogg"))).rejects.toThrow("it is a pipe");
    await expect(recordToFile(capture, join(path, "take.ogg"))).rejects.toMatchObject({ code: "output-unwritable" });
    expect((capture as FakeCapture).consumerCount).toBe(0);
  });

  it("says disk-full where there is no room", async () => {
    await expect(recordToFile(new FakeCapture(), "/dev/full")).rejects.toMatchObject({ code: "disk-full" });
  });

  it("refuses settings that contradict, and leaves no file", async () => {
    const opus = { application: "restricted-lowdelay", forwardErrorCorrection: true } as const;
    await expect(recordToFile(new FakeCapture(), path, { opus })).rejects.toMatchObject({ code: "invalid-settings" });
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.each([700, 1300, 2100])("leaves a file that plays up to its last second when killed after %i ms", async (afterMs) => {
    const child = spawn(process.execPath, [recorderProgram, path], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    let saidMs = 0;
    for await (const line of child.stdout) {
      saidMs = Number(String(line).trim().split("\n").at(-1));
      if (saidMs >= afterMs) child.kill("SIGKILL");
    }
    await exited;
    const decoded = await decodeOgg(path);
    expect(decoded.length / 48).toBeGreaterThanOrEqual(saidMs - 1000);
    const { purity } = measureTone(decoded, { sampleRateHz: 48_000, frequencyHz: 440 });
    expect(purity).toBeGreaterThan(0.95);
  });
});
