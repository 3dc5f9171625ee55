import type { EncodedPacket } from "@roomtone/core";
import { VirtualClock } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../decoders/byte-reader.js";
import { OggOpusPacketReader } from "../decoders/ogg-opus-packets.js";
import { encodeOggPage } from "../recording/ogg-page.js";
import { EncodedPacedCapture } from "./encoded-paced-capture.js";
import { positionedPackets } from "./positioned-packets.js";

const SECOND = 48_000n;
const PACKET_SAMPLES = 960n;
const PACKETS_A_PAGE = 2;
const PAGES = 10;

/** A stream of 20 packets of 20 ms that begins in the middle of a longer one; before page `at` its source was wound to `toS`. */
async function* wound({ at, toS }: { at: number; toS: bigint }): AsyncGenerator<Uint8Array> {
  const page = { serialNumber: 1, granulePosition: 0n };
  const head = Buffer.from("4f707573486561640101380180bb0000000000", "hex"); // OpusHead: one channel, 312 samples of pre-skip
  yield encodeOggPage({ ...page, sequenceNumber: 0, first: true, packets: [head] });
  yield encodeOggPage({ ...page, sequenceNumber: 1, packets: [Buffer.from("OpusTags")] });
  let granulePosition = 3600n * SECOND;
  for (let index = 0; index < PAGES; index += 1) {
    if (index === at) granulePosition = toS * SECOND;
    granulePosition += BigInt(PACKETS_A_PAGE) * PACKET_SAMPLES;
    const packets = Array.from({ length: PACKETS_A_PAGE }, (_, place) => Buffer.from([0xf8, index * PACKETS_A_PAGE + place]));
    yield encodeOggPage({ ...page, granulePosition, sequenceNumber: index + 2, last: index === PAGES - 1, packets });
  }
}

/** What is played, and when. */
async function played(pages: AsyncIterator<Uint8Array>) {
  const clock = new VirtualClock();
  const reader = await OggOpusPacketReader.open(new ByteReader(pages), "test");
  const capture = new EncodedPacedCapture({
    source: { kind: "stream", label: "test" },
    format: { sampleRateHz: 48_000, channels: 1 },
    toleranceMs: 20,
    clock,
    read: positionedPackets(reader),
    release: async () => {},
  });
  const packets: (Pick<EncodedPacket, "timestampUs" | "discontinuity"> & { readonly index: number; readonly atMs: number })[] = [];
  const stream = capture.packets();
  const ended = (async () => {
    for await (const { payload, timestampUs, discontinuity } of stream) {
      packets.push({ index: payload[1] ?? -1, timestampUs, discontinuity, atMs: clock.nowMs() });
    }
  })();
  await clock.advance(3_600_000);
  await ended;
  await capture.close();
  return packets;
}

const atTheirPace = (markedIndex: number) =>
  Array.from({ length: PAGES * PACKETS_A_PAGE }, (_, index) => ({
    index,
    timestampUs: index * 20_000,
    discontinuity: index === markedIndex,
    atMs: index * 20,
  }));

describe("a stream whose source was wound", () => {
  it.each([
    { way: "forwards", toS: 5000n },
    { way: "forwards by hours", toS: 50_000n },
    { way: "backwards", toS: 1800n },
    { way: "back to the beginning", toS: 0n },
  ])("$way goes on at its own pace, marked, without a wait, a burst or a loss", async ({ toS }) => {
    expect(await played(wound({ at: 5, toS }))).toEqual(atTheirPace(10));
  });

  it("to its last page plays all of that page, in either direction", async () => {
    for (const toS of [5000n, 1800n]) expect(await played(wound({ at: PAGES - 1, toS }))).toEqual(atTheirPace(18));
  });
});
