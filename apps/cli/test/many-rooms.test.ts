import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { endAll, Roomtone } from "./roomtone.js";

let server: DevServer;
let folder: string;
let song: string;
const receivers: RawSubscriber[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-many-rooms-"));
  song = join(folder, "song.opus");
  const noise = ["-f", "lavfi", "-i", "anoisesrc=d=2:a=0.3"];
  execFileSync("ffmpeg", ["-v", "error", ...noise, "-ac", "2", "-c:a", "libopus", "-frame_duration", "40", song]);
  server = await startDevServer();
});
afterEach(async () => {
  await endAll();
  await Promise.all(receivers.splice(0).map((receiver) => receiver.leave()));
});
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const keys = () => ["--api-key", server.apiKey, "--api-secret", server.apiSecret];
const publish = (...args: string[]) => new Roomtone(["publish", ...keys(), "--json", ...args], { stdin: "open", cwd: folder });

async function receive(roomName: string): Promise<RawSubscriber> {
  const receiver = await RawSubscriber.join(server.url, await server.createToken({ identity: "receiver", roomName }));
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
    const to = (room: string) => ["--to", `${server.url},${room}`];
    const opus = [
      "--bitrate",
      "64k",
      "--no-vbr",
      "--no-dtx",
      "--frame-duration",
      "10",
      "--application",
      "audio",
      "--no-fec",
      "--channels",
      "2",
    ];
    const run = publish(...to("one"), ...to("other"), "--input", "tone:440", "--record", "take.ogg", "--stats-interval", "200ms", ...opus);
    await run.event("published", 2);
    expect(run.events.filter(({ event }) => event === "published")).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ room: "one", to: 1, driver: "opus" }),
        expect.objectContaining({ room: "other", to: 2, driver: "opus" }),
      ]),
    );
    await until("both receive", () => one.packets.length > 50 && other.packets.length > 50);
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
    expect(other.packets.at(-1)?.payload.length).toBe(80); // 64 kbit/s in packets of 10 ms
    const bytes = await readFile(join(folder, "take.ogg"));
    const unrecorded = inOne
      .map((packet, index) => ({ packet, index }))
      .filter(({ packet }) => bytes.indexOf(Buffer.from(packet, "hex")) < 0);
    expect(unrecorded).toEqual([]);
    expect(execFileSync("opusinfo", [join(folder, "take.ogg")], { encoding: "utf8" })).not.toMatch(/WARNING|ERROR/);
    expect(wholeS(join(folder, "take.ogg"))).toBeGreaterThan(0.5);
  });

  it("refuses what cannot go together before anything is opened", async () => {
    const to = ["--to", `${server.url},one`, "--to", `${server.url},other`, "--input", "tone:440"];
    const refused = [
      [...keys(), ...to, "--room", "third"],
      [...keys(), ...to, "--driver", "rtc"],
      [...keys(), ...to, "--to", `${server.url},one`],
      ["--token", await server.createToken({ identity: "me", roomName: "one" }), ...to],
      [...keys(), "--to", "one", "--input", "tone:440"],
    ].map((args) => new Roomtone(["publish", ...args, "--json"]));
    for (const run of refused) {
      expect(await run.exited).toMatchObject({ code: 64 });
      expect(run.events.map(({ event }) => event)).toEqual(["error", "closed"]);
    }
  });
});

describe("an Ogg Opus input with --driver opus", () => {
  const intoRoom = (room: string, ...args: string[]) => publish("--url", server.url, "--room", room, "--driver", "opus", ...args);
  const known = async (packets: RawSubscriber["packets"]) => {
    const bytes = await readFile(song);
    return packets.filter(({ payload }) => payload.length > 6 && bytes.indexOf(payload) >= 0).length;
  };

  it("passes through, again and again, and says so", async () => {
    const receiver = await receive("pass");
    const run = intoRoom("pass", "--input", song, "--loop");
    expect(await run.event("passing-through")).toMatchObject({ track: "song.opus", channels: 2 });
    await until("more than one lap arrives", () => receiver.packets.length > 70);
    expect(await known(receiver.packets)).toBeGreaterThan(60);
    expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
  });

  it("passes through from standard input too, and ends with it", async () => {
    const receiver = await receive("stream");
    const run = intoRoom("stream", "--input", "-");
    run.process.stdin.end(await readFile(song));
    expect(await run.event("passing-through")).toMatchObject({ channels: 2 });
    expect(await run.exited).toMatchObject({ code: 0 });
    expect(await known(receiver.packets)).toBeGreaterThan(20);
  });

  it("takes no Opus settings, which are named", async () => {
    const run = intoRoom("pass", "--input", song, "--bitrate", "64k", "--no-fec");
    expect(await run.exited).toMatchObject({ code: 64 });
    expect(run.stderr).toContain("--bitrate and --no-fec");
  });
});
