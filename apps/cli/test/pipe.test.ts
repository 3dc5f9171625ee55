import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measureTone, sine, wavBytes, withFolder } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
const folder = withFolder();
afterEach(endAll);

const credentials = (room: string) => accessTo(server(), room);

/** What sox reads from `wav`: 48 kHz mono samples. */
function readBySox(wav: Uint8Array): Int16Array {
  const raw = execFileSync("sox", ["-t", "wav", "-", "-t", "raw", "-r", "48000", "-c", "1", "-e", "signed", "-b", "16", "-"], {
    input: wav,
    maxBuffer: 1e8,
    stdio: ["pipe", "pipe", "pipe"],
  });
  return new Int16Array(new Uint8Array(raw).buffer);
}

/** The stretch from the first loud sample on, less `skipMs` at either end, where the sound fades in and out. */
function loudPart(samples: Int16Array, skipMs: number): Int16Array {
  const isLoud = (sample: number) => Math.abs(sample) > 1000;
  const skip = skipMs * 48;
  return samples.subarray(samples.findIndex(isLoud) + skip, samples.findLastIndex(isLoud) - skip);
}

describe("audio through a real room, from pipe to pipe", () => {
  it("listen --output - gives sox the tone that publish --input - was given", async () => {
    const listener = new Roomtone(["listen", ...credentials("pipe"), "--output", "-"]);
    await listener.until("the listener in the room", () => listener.stderr.includes("in room pipe"));
    const publisher = new Roomtone(["publish", ...credentials("pipe"), "--input", "-", "--json"], {
      stdin: wavBytes(sine({ frequencyHz: 440, durationMs: 3000, amplitude: 0.5 })),
    });
    expect(await publisher.exited).toMatchObject({ code: 0 }); // by itself, at the end of its input
    expect(publisher.events.at(-1)).toEqual({ event: "closed", reason: "left" });
    expect(await listener.end("SIGINT")).toMatchObject({ code: 0 });
    const heard = loudPart(readBySox(listener.stdout), 200);
    expect(heard.length / 48_000).toBeGreaterThan(1.5);
    const { dominantHz, purity } = measureTone(heard, { frequencyHz: 440, sampleRateHz: 48_000 });
    expect(Math.abs(dominantHz - 440)).toBeLessThan(3);
    expect(purity).toBeGreaterThan(0.9);
  });

  it("hears one track of one participant only, where asked, into a file whose header tells its length", async () => {
    const path = join(folder(), "alice.wav");
    const listener = new Roomtone(["listen", ...credentials("filter"), "--participant", "alice", "--track", "high", "--output", path]);
    await listener.until("the listener in the room", () => listener.stderr.includes("in room filter"));
    const alice = new Roomtone([
      "publish",
      ...credentials("filter"),
      "--identity",
      "alice",
      "--input",
      "tone:440",
      "--input",
      "tone:1000",
      "--track-name",
      "low",
      "--track-name",
      "high",
      "--json",
    ]);
    const bob = new Roomtone([
      "publish",
      ...credentials("filter"),
      "--identity",
      "bob",
      "--input",
      "tone:250",
      "--track-name",
      "high",
      "--json",
    ]);
    await Promise.all([alice.event("published", 2), bob.event("published")]);
    await listener.until("both tracks", () => listener.stderr.includes("hearing high of alice"));
    await Promise.all([alice.event("stats", 2), bob.event("stats")]); // two seconds of it
    for (const run of [alice, bob, listener]) expect(await run.end("SIGTERM")).toMatchObject({ code: 0 });
    const wav = await readFile(path);
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8); // RIFF's own length
    const heard = loudPart(readBySox(wav), 200);
    const { purity } = measureTone(heard, { frequencyHz: 1000, sampleRateHz: 48_000 });
    expect(purity).toBeGreaterThan(0.9);
  });

  it("plays raw samples, a file and a tone as tracks of their own", async () => {
    await writeFile(join(folder(), "low.wav"), wavBytes(sine({ frequencyHz: 300, durationMs: 1000, amplitude: 0.5 })));
    const raw = Buffer.from(sine({ frequencyHz: 700, durationMs: 1000, amplitude: 0.5 }).buffer);
    const run = new Roomtone(["publish", ...credentials("tracks"), "--input", "-", "--format", "s16le", "--input", "low.wav", "--json"], {
      cwd: folder(),
      stdin: raw,
    });
    expect(await run.exited).toMatchObject({ code: 0 });
    expect(run.events.filter((event) => event["event"] === "published").map((event) => event["track"])).toEqual(["stream", "low.wav"]);
  });

  it("ends quietly with 0 when the program that reads has enough", async () => {
    const listener = new Roomtone(["listen", ...credentials("enough"), "--output", "-"]);
    await listener.until("the listener in the room", () => listener.stderr.includes("in room enough"));
    const publisher = new Roomtone(["publish", ...credentials("enough"), "--input", "tone:440"]);
    await listener.until("audio", () => listener.stdout.length > 10_000);
    listener.process.stdout.destroy();
    expect(await listener.exited).toMatchObject({ code: 0, signal: null });
    expect(listener.stderr).not.toContain("error");
    expect(await publisher.end("SIGINT")).toMatchObject({ code: 0 });
  });
});
