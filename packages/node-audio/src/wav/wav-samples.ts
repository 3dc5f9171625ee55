/** How one sample is stored, little-endian. */
export type SampleEncoding = "u8" | "s16" | "s24" | "s32" | "f32" | "f64" | "alaw" | "mulaw";

interface Storage {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

/** Each as a float of full scale 1; 16 bits are exact, there and back. */
const storages: Record<SampleEncoding, Storage> = {
  u8: { bytes: 1, read: (view, offset) => (view.getUint8(offset) - 128) / 128 },
  s16: { bytes: 2, read: (view, offset) => view.getInt16(offset, true) / 32_768 },
  s24: { bytes: 3, read: (view, offset) => (view.getInt16(offset + 1, true) * 256 + view.getUint8(offset)) / 8_388_608 },
  s32: { bytes: 4, read: (view, offset) => view.getInt32(offset, true) / 2_147_483_648 },
  f32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  f64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  alaw: { bytes: 1, read: (view, offset) => fromAlaw(view.getUint8(offset)) / 32_768 },
  mulaw: { bytes: 1, read: (view, offset) => fromMulaw(view.getUint8(offset)) / 32_768 },
};

/** Whole blocks of interleaved samples as planar floats. */
export function decodeSamples(bytes: Uint8Array, encoding: SampleEncoding, channels: number): Float32Array[] {
  const { bytes: width, read } = storages[encoding];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames = Math.floor(bytes.length / (width * channels));
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(frames);
    for (let frame = 0; frame < frames; frame += 1) samples[frame] = read(view, (frame * channels + channel) * width);
    return samples;
  });
}

/** ITU-T G.711. */
function fromMulaw(stored: number): number {
  const bits = ~stored & 0xff;
  const size = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return bits & 0x80 ? -size : size;
}

/** ITU-T G.711. */
function fromAlaw(stored: number): number {
  const bits = stored ^ 0x55;
  const exponent = (bits & 0x70) >> 4;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return bits & 0x80 ? size : -size;
}
