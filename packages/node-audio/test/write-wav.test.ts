import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openFile, openTone, writeWav } from "@roomtone/node-audio";
import { measureTone, samplesOf, withFolder } from "@roomtone/testing";
import { expect, onTestFinished, test } from "vitest";

const folder = withFolder();

function run(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("sox plays what is written into its pipe", async () => {
  const sox = run("sox", ["-t", "wav", "-", "-n", "stat"]);
  if (!sox.stdin || !sox.stderr) throw new Error("no pipe");
  const report: Buffer[] = [];
  sox.stderr.on("data", (chunk: Buffer) => report.push(chunk));
  const tone = openTone({ frequencyHz: 1000 });
  const abort = new AbortController();
  const writing = writeWav(tone.frames(), sox.stdin, { signal: abort.signal });
  setTimeout(() => abort.abort(), 500); // so much is written
  const { durationMs, reason } = await writing;
  await tone.close();
  sox.stdin.end();
  await once(sox, "close");
  expect(reason).toBe("aborted");
  const text = Buffer.concat(report).toString();
  expect(Number(/Length \(seconds\): +([\d.]+)/.exec(text)?.[1])).toBeCloseTo(durationMs / 1000, 2);
  expect(Number(/Rough +frequency: +(\d+)/.exec(text)?.[1])).toBeCloseTo(1000, -2);
});

test("a named pipe is written as it is read, and one that nobody reads is refused at once", async () => {
  const path = join(folder(), "pipe.wav");
  await once(run("mkfifo", [path]), "close");
  const tone = openTone({ frequencyHz: 1000 });
  await expect(writeWav(tone.frames(), path)).rejects.toMatchObject({ code: "output-unwritable", message: /nobody reads/ });

  const held = await open(path, constants.O_RDWR); // a reader already, until sox has opened its end
  const abort = new AbortController();
  const writing = writeWav(tone.frames(), path, { signal: abort.signal });
  const sox = run("sox", ["-t", "wav", path, "-n", "stat"]);
  const report = text(sox.stderr);
  let frames = 0;
  for await (const _ of tone.frames()) if (++frames === 50) break;
  abort.abort();
  expect((await writing).reason).toBe("aborted");
  await Promise.all([tone.close(), held.close()]);
  expect(Number(/Rough +frequency: +(\d+)/.exec(await report)?.[1])).toBeCloseTo(1000, -2);
});

test("a named pipe whose reader stops reading does not keep an abort waiting", async () => {
  const path = join(folder(), "stuck.wav");
  await once(run("mkfifo", [path]), "close");
  const reader = await open(path, constants.O_RDWR);
  const tone = openTone({ frequencyHz: 1000 });
  const abort = new AbortController();
  const writing = writeWav(tone.frames(), path, { signal: abort.signal });
  await tone.frames().next();
  abort.abort();
  expect((await writing).reason).toBe("aborted");
  await Promise.all([tone.close(), reader.close()]);
});

test("a reader that goes away ends the writing quietly", async () => {
  const head = run("head", ["-c", "20000"]);
  if (!head.stdin || !head.stdout) throw new Error("no pipe");
  head.stdout.resume();
  const tone = openTone();
  expect(await writeWav(tone.frames(), head.stdin)).toMatchObject({ reason: "reader-closed" });
  await tone.close();
});

test("a file whose writer was killed plays up to its last second", async () => {
  const path = join(folder(), "killed.wav");
  const ours = pathToFileURL(createRequire(import.meta.url).resolve("@roomtone/node-audio")).href;
  const script = `import { openTone, writeWav } from ${JSON.stringify(ours)}; await writeWav(openTone().frames(), ${JSON.stringify(path)}, { gaps: "skip" });`;
  const writer = run(process.execPath, ["--input-type=module", "-e", script]);
  await expect
    .poll(
      () =>
        stat(path).then(
          (file) => file.size,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBeGreaterThan(180_000);
  writer.kill("SIGKILL");
  await once(writer, "close");

  const probe = run("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]);
  const said = await Promise.all([text(probe.stdout), text(probe.stderr)]);
  expect(Number(said[0])).toBeGreaterThan(0.9);
  expect(said[1]).toBe("");
  const capture = await openFile(path);
  const frames = [];
  for await (const frame of capture.frames({ capacityMs: 1000 })) if (frames.push(frame) === 30) break;
  await capture.close();
  expect(measureTone(samplesOf(frames), { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.99);
});

async function text(readable: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
