import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { measureTone, systemTime, until, withFolder } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
const folder = withFolder();
afterEach(endAll);

/** Publishes a tone until a second of it was received: the packets that were, and the recording. */
async function publishAndRecord(driver: string) {
  const receiver = await RawSubscriber.join(server().url, await server().createToken({ identity: "receiver", roomName: driver }));
  const access = accessTo(server(), driver);
  const path = join(folder(), `${driver}.ogg`);
  const audio = ["--driver", driver, "--input", "tone:440", "--record", path];
  const run = new Roomtone(["publish", ...access, ...audio, "--json"], { stdin: "open", cwd: folder() });
  await run.event("recording");
  await until(systemTime(), "a second is received", () => receiver.packets.length > 50, 30_000);
  expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
  await receiver.leave();
  // At a track's end the server sends silence of its own.
  const isSilence = (packet: Buffer) => ["f8fffe", "fcfffe"].includes(packet.toString("hex", 0, 3));
  const received = receiver.packets.map(({ payload }) => payload).filter((packet) => !isSilence(packet));
  expect(received.length).toBeGreaterThan(30);
  return { received, path, bytes: await readFile(path) };
}

/** Decoded by another program: 48 kHz, one channel. */
function decode(path: string): Int16Array {
  const form = ["-f", "s16le", "-ac", "1", "-ar", "48000", "-"];
  const { buffer, byteOffset, byteLength } = execFileSync("ffmpeg", ["-v", "error", "-i", path, ...form], { maxBuffer: 1 << 28 });
  return new Int16Array(buffer.slice(byteOffset, byteOffset + (byteLength & ~1)));
}

describe("roomtone publish --record", () => {
  it("writes the published packets with the driver opus, and with rtc others, of the same sound, from a second encoder", async () => {
    const isIn = (bytes: Buffer) => (packet: Buffer) => bytes.includes(packet);
    const opus = await publishAndRecord("opus");
    // The recording may open after the first are on their way.
    expect(opus.received.slice(-30).filter((packet) => !isIn(opus.bytes)(packet))).toEqual([]);
    const rtc = await publishAndRecord("rtc");
    expect(rtc.received.filter(isIn(rtc.bytes))).toEqual([]);
    for (const { path } of [opus, rtc]) {
      const sound = decode(path);
      expect(sound.length).toBeGreaterThan(36_000);
      expect(measureTone(sound, { sampleRateHz: 48_000, frequencyHz: 440 }).purity).toBeGreaterThan(0.95);
    }
  });

  it("says so in its help", async () => {
    const help = new Roomtone(["publish", "--help"]);
    expect(await help.exited).toMatchObject({ code: 0 });
    expect(help.stdout.toString().replaceAll(/\s+/g, " ")).toContain("with rtc from a second encoder");
  });
});
