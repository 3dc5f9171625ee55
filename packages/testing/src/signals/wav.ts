/** How samples are stored in a WAV. */
export type WavEncoding = "u8" | "s16" | "s24" | "s32" | "f32" | "f64";

export interface WavOptions {
  /** Default 48000. */
  readonly sampleRateHz?: number;
  /** Interleaved in `samples`. Default 1. */
  readonly channels?: number;
  /** Default `s16`. */
  readonly encoding?: WavEncoding;
  /** A WAVE_FORMAT_EXTENSIBLE header. */
  readonly extensible?: boolean;
  /** What the header says about the length. `zero` and `unknown` (0xFFFFFFFF) are what programs write into a pipe. Default `exact`. */
  readonly declaredSize?: "exact" | "zero" | "unknown" | number;
  /** Chunks in front of `fmt ` and `data`; an odd length is padded, as the format asks. */
  readonly extraChunks?: readonly { readonly id: string; readonly body: Uint8Array }[];
  /** A header of 64-bit sizes. */
  readonly rf64?: boolean;
}

const bytesPerSample: Record<WavEncoding, number> = { u8: 1, s16: 2, s24: 3, s32: 4, f32: 4, f64: 8 };
const EXTENSIBLE_GUID_TAIL = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

/** Interleaved int16 samples as raw little-endian bytes (`s16le`). */
export function pcmBytes(samples: Int16Array): Uint8Array {
  return sampleBytes(samples, "s16");
}

/** Interleaved int16 samples as a WAV file of any of the usual kinds. */
export function wavBytes(samples: Int16Array, options: WavOptions = {}): Uint8Array {
  const { sampleRateHz = 48_000, channels = 1, encoding = "s16", extensible = false, declaredSize = "exact", rf64 = false } = options;
  const data = sampleBytes(samples, encoding);
  const blockAlign = channels * bytesPerSample[encoding];
  const formatTag = encoding.startsWith("f") ? 3 : 1;

  const format = new DataView(new ArrayBuffer(extensible ? 40 : 16));
  format.setUint16(0, extensible ? 0xfffe : formatTag, true);
  format.setUint16(2, channels, true);
  format.setUint32(4, sampleRateHz, true);
  format.setUint32(8, sampleRateHz * blockAlign, true);
  format.setUint16(12, blockAlign, true);
  format.setUint16(14, bytesPerSample[encoding] * 8, true);
  if (extensible) {
    format.setUint16(16, 22, true);
    format.setUint16(18, bytesPerSample[encoding] * 8, true);
    format.setUint32(20, 2 ** channels - 1, true);
    format.setUint16(24, formatTag, true);
    EXTENSIBLE_GUID_TAIL.forEach((byte, index) => {
      format.setUint8(26 + index, byte);
    });
  }

  const sizes = { exact: data.length, zero: 0, unknown: 0xff_ff_ff_ff } as const;
  const dataSize = typeof declaredSize === "number" ? declaredSize : sizes[declaredSize];
  const before = [...(options.extraChunks ?? []), { id: "fmt ", body: new Uint8Array(format.buffer) }].map((part) =>
    chunk(part.id, part.body),
  );
  const body = join([
    ascii("WAVE"),
    ...(rf64 ? [chunk("ds64", ds64(data.length))] : []),
    ...before,
    ascii("data"),
    u32(rf64 ? 0xff_ff_ff_ff : dataSize),
    data,
  ]);
  const riffSize = { exact: body.length, zero: 0, unknown: 0xff_ff_ff_ff }[typeof declaredSize === "number" ? "exact" : declaredSize];
  return join([ascii(rf64 ? "RF64" : "RIFF"), u32(rf64 ? 0xff_ff_ff_ff : riffSize), body]);
}

function ds64(dataLength: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(28));
  view.setBigUint64(0, BigInt(dataLength + 72), true);
  view.setBigUint64(8, BigInt(dataLength), true);
  return new Uint8Array(view.buffer);
}

function sampleBytes(samples: Int16Array, encoding: WavEncoding): Uint8Array {
  const width = bytesPerSample[encoding];
  const view = new DataView(new ArrayBuffer(samples.length * width));
  samples.forEach((sample, index) => {
    const at = index * width;
    if (encoding === "u8") view.setUint8(at, (sample >> 8) + 128);
    else if (encoding === "s16") view.setInt16(at, sample, true);
    else if (encoding === "s32") view.setInt32(at, sample * 65_536, true);
    else if (encoding === "f32") view.setFloat32(at, sample / 32_768, true);
    else if (encoding === "f64") view.setFloat64(at, sample / 32_768, true);
    else {
      view.setUint8(at, 0);
      view.setInt16(at + 1, sample, true);
    }
  });
  return new Uint8Array(view.buffer);
}

function chunk(id: string, body: Uint8Array): Uint8Array {
  return join([ascii(id), u32(body.length), body, new Uint8Array(body.length % 2)]);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function u32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, true);
  return new Uint8Array(view.buffer);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
