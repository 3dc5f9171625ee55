/** The first header of MPEG audio. */
export interface MpegHeader {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly layer: 1 | 2 | 3;
  readonly frameBytes: number;
  readonly samplesPerFrame: number;
  /** Where the side information of layer III ends: a Xing header follows it. */
  readonly sideInfoEnd: number;
}

const bitratesKbps: Record<string, readonly number[]> = {
  "1/1": [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  "1/2": [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  "1/3": [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  "2/1": [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  "2/2": [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  "2/3": [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};

/** The header at `offset`, or undefined where there is none. */
export function parseMpegHeader(bytes: Uint8Array, offset: number): MpegHeader | undefined {
  const [b0, b1, b2, b3] = [0, 1, 2, 3].map((index) => bytes[offset + index] ?? 0) as [number, number, number, number];
  const version = (b1 >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layerBits = (b1 >> 1) & 3;
  const bitrateIndex = b2 >> 4;
  const rateIndex = (b2 >> 2) & 3;
  if (b0 !== 0xff || b1 >> 5 !== 7 || version === 1 || layerBits === 0 || rateIndex === 3) return undefined;
  const layer = (4 - layerBits) as 1 | 2 | 3;
  const kbps = bitratesKbps[`${version === 3 ? 1 : 2}/${layer}`]?.[bitrateIndex - 1];
  if (kbps === undefined) return undefined;

  const sampleRateHz = ([44_100, 48_000, 32_000][rateIndex] as number) / (version === 3 ? 1 : version === 2 ? 2 : 4);
  const channels = b3 >> 6 === 3 ? 1 : 2;
  const samplesPerFrame = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
  const padding = (b2 >> 1) & 1;
  const frameBytes =
    layer === 1
      ? (Math.floor((12_000 * kbps) / sampleRateHz) + padding) * 4
      : Math.floor(((samplesPerFrame / 8) * 1000 * kbps) / sampleRateHz) + padding;
  const sideInfo = version === 3 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return { sampleRateHz, channels, layer, frameBytes, samplesPerFrame, sideInfoEnd: 4 + sideInfo };
}

/** Offset of the first header in `bytes` that another like it follows: two in a row are no accident. */
export function findMpegAudio(bytes: Uint8Array): number | undefined {
  for (let offset = 0; offset + 4 <= bytes.length; offset += 1) {
    const first = bytes[offset] === 0xff ? parseMpegHeader(bytes, offset) : undefined;
    if (!first) continue;
    const next = parseMpegHeader(bytes, offset + first.frameBytes);
    if (next && next.layer === first.layer && next.sampleRateHz === first.sampleRateHz) return offset;
  }
  return undefined;
}

/** Samples that the Xing or Info header in the first frame promises, without the encoder's delay and padding. */
export function promisedMpegSamples(frame: Uint8Array, header: MpegHeader): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const at = header.sideInfoEnd;
  if (frame.length < at + 12) return undefined;
  const tag = Buffer.from(frame.subarray(at, at + 4)).toString("latin1");
  if ((tag !== "Xing" && tag !== "Info") || (view.getUint32(at + 4) & 1) === 0) return undefined;
  const samples = view.getUint32(at + 8) * header.samplesPerFrame;
  const lame = at + 120; // delay and padding, 12 bits each, at 21 bytes into the encoder's part
  if (frame.length < lame + 24) return samples;
  const bits = ((frame[lame + 21] ?? 0) << 16) | ((frame[lame + 22] ?? 0) << 8) | (frame[lame + 23] ?? 0);
  return samples - (bits >> 12) - (bits & 0xfff);
}
