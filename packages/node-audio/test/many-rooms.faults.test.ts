import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EncodedCapture, EncodedPacket, FramesOptions, PacketStream, Publication } from "@roomtone/core";
import { encodeOnce, joinRoom, openEncodedFile, recordToFile } from "@roomtone/node-audio";
import { ExamPcmCapture, findGaps } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { beforeEach, describe, expect, it } from "vitest";
import { until } from "./support/hall.js";
import { decodeOgg, inspectOgg } from "./support/ogg-tools.js";
import { withDevServer } from "./support/with-dev-server.js";
import { withLifetime } from "./support/with-lifetime.js";

const server = withDevServer();
const lifetime = withLifetime();
let folder: string;
let rooms = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roomtone-many-"));
  lifetime().own(folder, (path) => rm(path, { recursive: true, force: true }));
});

/** `capture` in a room of its own, and what another participant there receives. */
async function publishTo(capture: EncodedCapture): Promise<{ publication: Publication; receiver: RawSubscriber }> {
  const roomName = `many-${process.pid}-${++rooms}`;
  const receiver = lifetime().own(
    await RawSubscriber.join(server().url, await server().createToken({ identity: "receiver", roomName })),
    (open) => open.leave(),
  );
  const token = await server().createToken({ identity: "me", roomName });
  const room = lifetime().own(await joinRoom({ url: server().url, token }, { driver: "opus" }), (open) => open.close());
  return { publication: await room.publish(capture, { name: "t" }), receiver };
}

const inHex = (receiver: RawSubscriber) => receiver.packets.map(({ payload }) => payload.toString("hex"));
const quietForMs = ({ packets }: RawSubscriber) => performance.now() - (packets.at(-1)?.arrivedMs ?? 0);

describe("one encoding in two rooms", () => {
  it("arrives as the same packets, and muting it in one leaves the other and the recording alone", async () => {
    const tone = lifetime().own(new ExamPcmCapture(), (open) => open.close());
    const shared = lifetime().own(await encodeOnce(tone, { opus: { discontinuousTransmission: false } }), (open) => open.close());
    const path = join(folder, "take.ogg");
    const recording = lifetime().own(await recordToFile(shared, path), (open) => open.close());
    const [one, other] = await Promise.all([publishTo(shared), publishTo(shared)]);
    await until("both receive", () => one.receiver.packets.length > 30 && other.receiver.packets.length > 30);
    const elsewhere = new Set(inHex(other.receiver));
    await until("the newest of one reached the other too", () => {
      for (const packet of inHex(other.receiver)) elsewhere.add(packet);
      return inHex(one.receiver)
        .slice(-20)
        .every((packet) => elsewhere.has(packet));
    });

    await one.publication.setMuted(true);
    await until("the muted room is quiet", () => one.receiver.packets.length > 0 && quietForMs(one.receiver) > 500);
    const from = other.receiver.packets.length;
    await until("the other room receives on", () => other.receiver.packets.length > from + 25);
    const packets = other.receiver.packets.slice(from);
    expect(packets.every((packet, index) => index === 0 || ((packet.sequence - (packets[index - 1]?.sequence ?? 0)) & 0xffff) === 1)).toBe(
      true,
    );
    await one.publication.setMuted(false);
    await until("the room hears again", () => quietForMs(one.receiver) < 200);
    expect(tone.openConsumers).toBe(1);

    const received = inHex(other.receiver);
    await recording.close();
    const bytes = await readFile(path);
    expect(received.filter((packet) => packet.length > 6 && bytes.indexOf(Buffer.from(packet, "hex")) < 0)).toEqual([]);
    expect((await inspectOgg(path)).warnings).toEqual([]);
    expect(findGaps(await decodeOgg(path), { sampleRateHz: 48_000, minGapMs: 400 })).toEqual([]);
  });

  it("closed in one room goes on in the other, and rests when it is closed in both", async () => {
    const tone = lifetime().own(new ExamPcmCapture(), (open) => open.close());
    const shared = lifetime().own(await encodeOnce(tone), (open) => open.close());
    const [one, other] = await Promise.all([publishTo(shared), publishTo(shared)]);
    await one.publication.unpublish();
    const from = other.receiver.packets.length;
    await until("the other receives on", () => other.receiver.packets.length > from + 25);
    await other.publication.unpublish();
    await expect.poll(() => tone.openConsumers).toBe(0);
    expect(tone.isClosed).toBe(false);
  });
});

/** `capture`, and in `taken` what its consumers took. */
function watched(capture: EncodedCapture, taken: EncodedPacket[]): EncodedCapture {
  const { codec, source, format, overflow } = capture;
  const packets = (options?: FramesOptions): PacketStream => {
    const stream = capture.packets(options);
    const outer: PacketStream = {
      get droppedPackets() {
        return stream.droppedPackets;
      },
      next: async () => {
        const result = await stream.next();
        if (!result.done) taken.push(result.value);
        return result;
      },
      return: () => stream.return(),
      [Symbol.asyncIterator]: () => outer,
    };
    return outer;
  };
  return { codec, source, format, overflow, packets, on: (listener) => capture.on(listener), close: () => capture.close() };
}

describe("a file of another program's, passed through", () => {
  it.each([
    ["opusenc, 20 ms, stereo", ["opusenc", "--quiet", "--framesize", "20", "IN", "OUT"], 2],
    ["ffmpeg, 60 ms, mono", ["ffmpeg", "-v", "error", "-i", "IN", "-ac", "1", "-c:a", "libopus", "-frame_duration", "60", "OUT"], 1],
  ] as const)("arrives byte for byte, in order and in time: %s", async (_name, command, channels) => {
    const [input, output] = [join(folder, "in.wav"), join(folder, "out.opus")];
    execFileSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=2:a=0.3", "-ac", "2", "-ar", "48000", input]);
    const [program, ...args] = command.map((word) => (word === "IN" ? input : word === "OUT" ? output : word));
    execFileSync(program ?? "", args, { stdio: "ignore" });
    const taken: EncodedPacket[] = [];
    const capture = lifetime().own(await openEncodedFile(output), (open) => open.close());
    expect(capture.format.channels).toBe(channels);
    const { publication, receiver } = await publishTo(watched(capture, taken));
    expect(await publication.ended).toMatchObject({ reason: "source-ended" });
    const bytes = await readFile(output);
    const sent = taken.map(({ payload }) => Buffer.from(payload).toString("hex"));
    expect(sent.every((packet) => bytes.includes(Buffer.from(packet, "hex")))).toBe(true);
    const ours = receiver.packets.filter(({ payload }) => sent.includes(payload.toString("hex")));
    // The first may go out before the receiver is subscribed, and the server forwards nothing once it has heard of the end.
    const start = sent.indexOf(ours[0]?.payload.toString("hex") ?? "");
    expect(ours.length).toBeGreaterThan(sent.length / 4);
    expect(ours.map(({ payload }) => payload.toString("hex"))).toEqual(sent.slice(start, start + ours.length));
    for (const [index, { timestamp }] of ours.entries()) {
      const [before, now] = [taken[start + index - 1], taken[start + index]];
      if (index === 0 || !before || !now) continue;
      const missingUs = now.timestampUs - before.timestampUs - before.durationUs;
      // Where this process stood still for longer than a receiver hides, the schedule moved, which the packet says.
      expect(missingUs <= 20_000 || now.discontinuity).toBe(true);
      // A short stall is lateness, to which a receiver stretches: RTP's clock counts what is missing for longer.
      const expected = ((before.durationUs + (missingUs > 400_000 ? missingUs : 0)) * 48) / 1000;
      expect(Math.abs(((timestamp - (ours[index - 1]?.timestamp ?? 0)) >>> 0) - expected)).toBeLessThanOrEqual(1);
    }
  });
});
