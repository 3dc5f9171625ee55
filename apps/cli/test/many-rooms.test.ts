import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readOpusPacket } from "@roomtone/core";
import { withFolder } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
const folder = withFolder();
let song: string;
const receivers: RawSubscriber[] = [];
beforeAll(async () => {
  song = join(folder(), "song.opus");
  const noise = ["-f", "lavfi", "-i", "anoisesrc=d=1:a=0.3"];
  execFileSync("ffmpeg", ["-v", "error", ...noise, "-ac", "2", "-c:a", "libopus", "-frame_duration", "40", song]);
});
afterEach(async () => {
  await endAll();
  await Promise.all(receivers.splice(0).map((receiver) => receiver.leave()));
});

const keys = () => ["--api-key", server().apiKey, "--api-secret", server().apiSecret];
const publish = (...args: string[]) => new Roomtone(["publish", ...keys(), "--json", ...args], { stdin: "open", cwd: folder() });

async function receive(roomName: string): Promise<RawSubscriber> {
  const receiver = await RawSubscriber.join(server().url, await server().createToken({ identity: "receiver", roomName }));
  receivers.push(receiver);
  return receiver;
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const wholeS = (path: string) =>
  Number(execFileSync("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path], { encoding: "utf8" }));

describe("roomtone publish with several --to", () => {
  it("sends the same packets into each room, says which room is meant, and records what it sent", async () => {
    const [one, other] = await Promise.all([receive("one"), receive("other")]);
    const to = (room: string) => ["--to", `${server().url},${room}`];
    const opus = "--bitrate 64k --no-vbr --no-dtx --frame-duration 10 --application audio --no-fec --channels 2".split(" ");
    const run = publish(...to("one"), ...to("other"), "--input", "tone:440", "--record", "take.ogg", "--stats-interval", "200ms", ...opus);
    await run.event("published", 2);
    expect(run.events.filter(({ event }) => event === "published")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ room: "one", to: 1, driver: "opus" }),
        expect.objectContaining({ room: "other", to: 2, driver: "opus" }),
      ]),
    );
    await until("both receive", () => one.packets.length > 80 && other.packets.length > 80);
    await run.event("stats", 4);
    expect(new Set(run.events.filter(({ event }) => event === "stats").map(({ to: position }) => position))).toEqual(new Set([1, 2]));
    expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
    // At a track's end the server sends silence of its own.
    const inOne = one.packets
      .map(({ payload }) => payload.toString("hex"))
      .filter((packet) => !packet.startsWith("f8fffe") && !packet.startsWith("fcfffe"))
      .slice(-30);
    const inOther = new Set(other.packets.map(({ payload }) => payload.toString("hex")));
    expect(inOne.filter((packet) => !inOther.has(packet)).length).toBeLessThan(5); // one room is left a moment before the other
    const last = readOpusPacket(Buffer.from(inOne.at(-1) ?? "", "hex"));
    expect(last).toMatchObject({ frameDurationMs: 10, frameCount: 1, channels: 2 });
    expect(new Set(inOne.map((packet) => packet.length / 2))).toEqual(new Set([80])); // 64 kbit/s in packets of 10 ms
    const bytes = await readFile(join(folder(), "take.ogg"));
    const unrecorded = inOne
      .map((packet, index) => ({ packet, index }))
      .filter(({ packet }) => bytes.indexOf(Buffer.from(packet, "hex")) < 0);
    expect(unrecorded).toEqual([]);
    expect(execFileSync("opusinfo", [join(folder(), "take.ogg")], { encoding: "utf8" })).not.toMatch(/WARNING|ERROR/);
    expect(wholeS(join(folder(), "take.ogg"))).toBeGreaterThan(0.5);
  });
});

describe("an Ogg Opus input with --driver opus", () => {
  const intoRoom = (room: string, ...args: string[]) => publish("--url", server().url, "--room", room, "--driver", "opus", ...args);
  const known = async (packets: RawSubscriber["packets"]) => {
    const bytes = await readFile(song);
    return packets.filter(({ payload }) => payload.length > 6 && bytes.indexOf(payload) >= 0).length;
  };

  it("passes through, again and again, and says so", async () => {
    const receiver = await receive("pass");
    const run = intoRoom("pass", "--input", song, "--loop");
    expect(await run.event("passing-through")).toMatchObject({ track: "song.opus", channels: 2 });
    await until("more than one lap arrives", () => receiver.packets.length > 35);
    expect(await known(receiver.packets)).toBeGreaterThan(25);
    expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
  });

  it("passes through from standard input too, and ends with it", async () => {
    const receiver = await receive("stream");
    const run = intoRoom("stream", "--input", "-");
    run.process.stdin.end(await readFile(song));
    expect(await run.event("passing-through")).toMatchObject({ channels: 2 });
    expect(await run.exited).toMatchObject({ code: 0 });
    expect(await known(receiver.packets)).toBeGreaterThan(10);
  });
});
