import type { ByteReader } from "../decoders/byte-reader.js";
import { unreadable } from "../decoders/input-errors.js";
import type { SampleEncoding } from "./wav-samples.js";

/** What a WAV's header says, with the reader left at the first sample. */
export interface WavFormat {
  readonly encoding: SampleEncoding;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Bytes of one sample of every channel. */
  readonly blockAlign: number;
  /** Undefined where the writer did not know it (a pipe): until the end. */
  readonly dataBytes: number | undefined;
}

const EXTENSIBLE = 0xfffe;
const FORMAT_CHUNK_MAX_BYTES = 4096;
// Into a pipe sox writes a little less than 2^31, ffmpeg 2^32 - 1. For an honest size of that order, reading to the end is right too.
const UNKNOWN_SIZE = 0x7f_ff_00_00;

/** Reads to the samples. @throws RoomtoneError `input-unreadable` */
export async function readWavFormat(reader: ByteReader, label: string): Promise<WavFormat> {
  await reader.skip(12); // "RIFF", size, "WAVE": the caller has looked at them
  let format: Omit<WavFormat, "dataBytes"> | undefined;
  let longDataBytes: number | undefined;
  for (;;) {
    const header = await reader.take(8);
    if (header.length < 8)
      throw unreadable(label, "is a WAV without audio: it ends before its samples begin. Record or download it again.");
    const id = Buffer.from(header.subarray(0, 4)).toString("latin1");
    const size = viewOf(header).getUint32(4, true);
    if (id === "data") {
      if (!format) throw unreadable(label, "is a broken WAV: it does not say how its samples are stored.");
      return { ...format, dataBytes: await dataSize(reader, size, longDataBytes) };
    }
    if ((id === "fmt " && size < FORMAT_CHUNK_MAX_BYTES) || (id === "ds64" && size < FORMAT_CHUNK_MAX_BYTES)) {
      const chunk = await reader.take(size + (size % 2));
      if (id === "fmt ") format = parseFormat(chunk, label);
      else if (chunk.length >= 16) longDataBytes = Number(viewOf(chunk).getBigUint64(8, true));
    } else await reader.skip(size + (size % 2));
  }
}

async function dataSize(reader: ByteReader, size: number, longDataBytes: number | undefined): Promise<number | undefined> {
  if (size === 0xff_ff_ff_ff && longDataBytes) return longDataBytes;
  if (size >= UNKNOWN_SIZE) return undefined;
  if (size > 0) return size;
  // 0 is what some programs write into a pipe; a chunk right after it means that there really is nothing.
  const next = Buffer.from(await reader.peek(4)).toString("latin1");
  return ["LIST", "id3 ", "ID3 ", "bext", "fact"].includes(next) ? 0 : undefined;
}

function parseFormat(chunk: Uint8Array, label: string): Omit<WavFormat, "dataBytes"> {
  if (chunk.length < 16) throw unreadable(label, "is a broken WAV: its format is cut off.");
  const view = viewOf(chunk);
  const tag = view.getUint16(0, true);
  const kind = tag === EXTENSIBLE && chunk.length >= 26 ? view.getUint16(24, true) : tag;
  const channels = view.getUint16(2, true);
  const sampleRateHz = view.getUint32(4, true);
  const blockAlign = view.getUint16(12, true);
  // The container is what counts: 20 valid bits may sit in 24.
  const encoding = encodingOf(kind, (blockAlign / channels) * 8);
  if (!encoding) {
    throw unreadable(
      label,
      `is a WAV with compressed or unusual samples (format ${kind}, ${view.getUint16(14, true)} bit). Convert it to 16-bit PCM.`,
    );
  }
  if (sampleRateHz < 1000 || sampleRateHz > 768_000)
    throw unreadable(label, `is a WAV with an impossible sample rate: ${sampleRateHz} Hz.`);
  return { encoding, sampleRateHz, channels, blockAlign };
}

function encodingOf(kind: number, bits: number): SampleEncoding | undefined {
  if (kind === 1) return ({ 8: "u8", 16: "s16", 24: "s24", 32: "s32" } as const)[bits];
  if (kind === 3) return ({ 32: "f32", 64: "f64" } as const)[bits];
  if (kind === 6 && bits === 8) return "alaw";
  if (kind === 7 && bits === 8) return "mulaw";
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
