import { type OpusPacketInfo, readOpusPacket } from "@roomtone/core";
import { type RawPacket, RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, describe, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
let rooms = 0;
afterEach(endAll);

type Facts = OpusPacketInfo & { readonly bytes: number; readonly hasCopy: boolean };

/** A copy of the frame before: read for one frame of mono SILK, of 20 ms or less (RFC 6716, section 4.2.3). */
const hasCopy = ({ mode, frameCount, channels }: OpusPacketInfo, payload: Uint8Array) =>
  mode !== "celt" && frameCount === 1 && channels === 1 && ((payload[1] ?? 0) & 0x40) !== 0;

function factsOf({ payload }: RawPacket): Facts {
  const info = readOpusPacket(payload);
  if (!info) return expect.unreachable();
  return { ...info, bytes: payload.length, hasCopy: hasCopy(info, payload) };
}

const RAW = ["--input", "-", "--format", "s16le"];
/** 20 s at 48 kHz. Half of full scale: what is quieter and as steady is no voice to the encoder, which then sends no copies. */
const TONE = new Uint8Array(
  Int16Array.from({ length: 20 * 48_000 }, (_, frame) => 16_384 * Math.sin((2 * Math.PI * 440 * frame) / 48_000)).buffer,
);
const SILENCE = new Uint8Array(TONE.length);
/** What is not the flag's: without these, another setting may decide what is looked at. */
const SPEECH = ["--bitrate", "24k", "--no-dtx", "--expected-packet-loss", "20"];
const PLAIN = ["--bitrate", "24k", "--no-dtx", "--no-fec"];

const settings: readonly (readonly [flags: string, others: readonly string[], (facts: Facts) => boolean])[] = [
  ["--profile voice", [], ({ channels, mode }) => channels === 1 && mode !== "celt"],
  ["--profile music", [], ({ channels, mode, bytes }) => channels === 2 && mode === "celt" && bytes > 150],
  ["--bitrate 96k", ["--no-vbr", "--no-dtx"], ({ bytes }) => bytes === 240],
  ["--bitrate 24000", ["--no-vbr", "--no-dtx"], ({ bytes }) => bytes === 60],
  ["--application voip", [...PLAIN, "--signal", "auto"], ({ mode }) => mode !== "celt"],
  ["--application audio", [...PLAIN, "--signal", "auto"], ({ mode }) => mode === "celt"],
  ["--application restricted-lowdelay", ["--no-dtx"], ({ mode }) => mode === "celt"],
  ...([2.5, 5, 10, 20, 40, 60] as const).map(
    (ms) => [`--frame-duration ${ms}`, ["--no-dtx"], ({ durationMs }: Facts) => durationMs === ms] as const,
  ),
  ["--fec", SPEECH, (facts) => facts.hasCopy],
  ["--no-fec", SPEECH, (facts) => facts.mode !== "celt" && !facts.hasCopy],
  ["--expected-packet-loss 20", ["--bitrate", "24k", "--no-dtx", "--fec"], (facts) => facts.hasCopy],
  ["--expected-packet-loss 0", ["--bitrate", "24k", "--no-dtx", "--fec"], (facts) => facts.mode !== "celt" && !facts.hasCopy],
  ...(["narrowband", "mediumband", "wideband", "superwideband", "fullband"] as const).map(
    (band) => [`--max-bandwidth ${band}`, ["--bitrate", "64k", "--no-dtx"], ({ bandwidth }: Facts) => bandwidth === band] as const,
  ),
  ["--signal voice", PLAIN, ({ mode }) => mode !== "celt"],
  ["--signal music", PLAIN, ({ mode }) => mode === "celt"],
  ["--channels 1", ["--profile", "music"], ({ channels }) => channels === 1],
  ["--channels 2", [], ({ channels }) => channels === 2],
  ["--no-vbr", ["--bitrate", "64k", "--no-dtx"], ({ bytes }) => bytes === 160],
  ["--vbr", ["--bitrate", "64k", "--no-dtx"], ({ bytes }) => bytes !== 160],
];

async function receiveFrom(args: readonly string[], stdin: Uint8Array) {
  const room = `flags-${++rooms}`;
  const receiver = await RawSubscriber.join(server().url, await server().createToken({ identity: "receiver", roomName: room }));
  const keys = accessTo(server(), room);
  const run = new Roomtone(["publish", ...keys, "--driver", "opus", "--quality", "fixed", "--json", ...RAW, ...args], { stdin });
  const end = async () => {
    expect(await run.end("SIGINT")).toMatchObject({ code: 0 });
    await receiver.leave();
  };
  return { run, receiver, end };
}

describe("each Opus flag reaches another participant", () => {
  it.each(settings)("%s", async (flags, others, matches) => {
    const { run, receiver, end } = await receiveFrom([...flags.split(" "), ...others], TONE);
    const newest = () => receiver.packets.slice(-10);
    await run.until(`ten packets as ${flags} says`, () => newest().length === 10 && newest().every((packet) => matches(factsOf(packet))));
    const packets = newest();
    for (const [index, packet] of packets.entries()) {
      const before = packets[index - 1];
      if (!before) continue;
      expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
      // One begins where the one before ended, but for the marked one after a moment in which the machine stood still.
      const advancedMs = ((packet.timestamp - before.timestamp) >>> 0) / 48;
      expect(packet.marker || advancedMs === factsOf(before).durationMs).toBe(true);
    }
    await end();
  });

  it.each([
    ["--dtx", 420],
    ["--no-dtx", 20],
  ] as const)("%s: silence in packets %i ms apart", async (flag, apartMs) => {
    const { run, receiver, end } = await receiveFrom([flag], SILENCE);
    await run.until(`packets ${apartMs} ms apart`, () => {
      const newest = receiver.packets.slice(-3);
      const apart = newest.slice(1).map(({ timestamp }, index) => ((timestamp - (newest[index]?.timestamp ?? 0)) >>> 0) / 48);
      return apart.length === 2 && apart.every((ms) => ms === apartMs);
    });
    await end();
  });

  it("--complexity: the same sound in other packets, and in the same ones with the same complexity", async () => {
    const heard: Set<string>[] = [];
    for (const complexity of [0, 10, 10]) {
      const { run, receiver, end } = await receiveFrom(["--complexity", `${complexity}`, "--no-dtx"], TONE);
      await run.until("packets", () => receiver.packets.length > 60);
      // The server sends silence of its own around a track's packets.
      heard.push(new Set(receiver.packets.map(({ payload }) => payload.toString("hex")).filter((packet) => packet.length > 20)));
      await end();
    }
    const [least, most, again] = heard;
    expect([...(most ?? [])].filter((packet) => again?.has(packet)).length).toBeGreaterThan(30);
    expect([...(most ?? [])].filter((packet) => least?.has(packet))).toEqual([]);
  });
});
