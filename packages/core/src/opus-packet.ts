import type { OpusFrameDurationMs, OpusSettings } from "./encode.js";

/** What the first bytes of an Opus packet say of it (RFC 6716, section 3.1). */
export interface OpusPacketInfo {
  readonly mode: "silk" | "hybrid" | "celt";
  readonly bandwidth: OpusSettings["maxBandwidth"];
  /** Length of one frame of the packet, in milliseconds. */
  readonly frameDurationMs: OpusFrameDurationMs;
  /** Frames in the packet, 1 to 48. */
  readonly frameCount: number;
  /** Length of the packet's audio, in milliseconds: 120 at the most. */
  readonly durationMs: number;
  readonly channels: 1 | 2;
}

const MAX_DURATION_MS = 120;

type Configuration = Pick<OpusPacketInfo, "mode" | "bandwidth" | "frameDurationMs">;

/** The 32 configurations of the first five bits, in the order of the specification's table. */
const configurations: readonly Configuration[] = [
  ...family("silk", ["narrowband", "mediumband", "wideband"], [10, 20, 40, 60]),
  ...family("hybrid", ["superwideband", "fullband"], [10, 20]),
  ...family("celt", ["narrowband", "wideband", "superwideband", "fullband"], [2.5, 5, 10, 20]),
];

/** Reads the table of contents of `packet`; undefined where it is not an Opus packet. The audio itself is not looked at. */
export function readOpusPacket(packet: Uint8Array): OpusPacketInfo | undefined {
  const [contents, second] = packet;
  if (contents === undefined) return undefined;
  const configuration = configurations[contents >> 3];
  const frameCount = countFrames(contents & 0b11, second);
  if (!configuration || frameCount === undefined) return undefined;
  const durationMs = frameCount * configuration.frameDurationMs;
  if (durationMs > MAX_DURATION_MS) return undefined;
  return { ...configuration, frameCount, durationMs, channels: contents & 0b100 ? 2 : 1 };
}

function countFrames(code: number, second: number | undefined): number | undefined {
  if (code === 0) return 1;
  if (code < 3) return 2;
  const count = second === undefined ? 0 : second & 0b11_1111;
  return count === 0 ? undefined : count;
}

function family(
  mode: OpusPacketInfo["mode"],
  bandwidths: readonly OpusPacketInfo["bandwidth"][],
  durationsMs: readonly OpusFrameDurationMs[],
): Configuration[] {
  return bandwidths.flatMap((bandwidth) => durationsMs.map((frameDurationMs) => ({ mode, bandwidth, frameDurationMs })));
}
