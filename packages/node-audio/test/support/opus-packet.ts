/** What an Opus packet says of itself: RFC 6716, section 3.1, and of its SILK layer section 4.2. */
export interface OpusPacketFacts {
  readonly mode: "silk" | "hybrid" | "celt";
  readonly bandwidth: "narrowband" | "mediumband" | "wideband" | "superwideband" | "fullband";
  readonly durationMs: number;
  readonly stereo: boolean;
  /** A copy of the frame before is in it. Read for mono packets with one frame of SILK of 20 ms or less only. */
  readonly hasForwardErrorCorrection: boolean;
}

const silkBandwidths = ["narrowband", "mediumband", "wideband"] as const;
const celtBandwidths = ["narrowband", "wideband", "superwideband", "fullband"] as const;

export function readOpusPacket(payload: Uint8Array): OpusPacketFacts {
  const toc = payload[0] ?? 0;
  const config = toc >> 3;
  const stereo = (toc & 4) !== 0;
  const frames = (toc & 3) === 0 ? 1 : (toc & 3) === 3 ? (payload[1] ?? 0) & 0x3f : 2;
  const hasForwardErrorCorrection = config < 16 && (toc & 3) === 0 && !stereo && ((payload[1] ?? 0) & 0x40) !== 0;
  const facts = { stereo, hasForwardErrorCorrection };
  if (config < 12) {
    const frameMs = [10, 20, 40, 60][config & 3] ?? 0;
    return { ...facts, mode: "silk", bandwidth: silkBandwidths[config >> 2] ?? "wideband", durationMs: frames * frameMs };
  }
  if (config < 16) {
    return { ...facts, mode: "hybrid", bandwidth: config < 14 ? "superwideband" : "fullband", durationMs: frames * (config & 1 ? 20 : 10) };
  }
  const frameMs = [2.5, 5, 10, 20][config & 3] ?? 0;
  return { ...facts, mode: "celt", bandwidth: celtBandwidths[(config - 16) >> 2] ?? "fullband", durationMs: frames * frameMs };
}
