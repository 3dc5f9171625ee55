import type { AudioFormat } from "@roomtone/core";

const UINT32_MAX = 0xff_ff_ff_ff;
const DS64_BYTES = 28;

/** Header for a pipe: the length is not known and never will be, which is written as ffmpeg and sox expect it. */
export function pipedWavHeader(format: AudioFormat): Uint8Array {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(UINT32_MAX, 4);
  header.write("WAVE", 8, "latin1");
  writeFormat(header, 12, format);
  writeChunkHead(header, 36, "data", UINT32_MAX);
  return header;
}

/**
 * Header for a file with `dataBytes` of samples. Always of the same length, so that it can be written again as the file grows:
 * a place is kept (a `JUNK` chunk, which readers skip) for the 64-bit sizes of RF64, which a file over 4 GiB needs.
 */
export function wavFileHeader(format: AudioFormat, dataBytes: number): Uint8Array {
  const header = Buffer.alloc(80);
  const riffBytes = header.length - 8 + dataBytes;
  const long = riffBytes > UINT32_MAX;
  writeChunkHead(header, 0, long ? "RF64" : "RIFF", long ? UINT32_MAX : riffBytes);
  header.write("WAVE", 8, "latin1");
  writeChunkHead(header, 12, long ? "ds64" : "JUNK", DS64_BYTES);
  if (long) {
    header.writeBigUInt64LE(BigInt(riffBytes), 20);
    header.writeBigUInt64LE(BigInt(dataBytes), 28);
    header.writeBigUInt64LE(BigInt(dataBytes / (format.channels * 2)), 36);
  }
  writeFormat(header, 48, format);
  writeChunkHead(header, 72, "data", long ? UINT32_MAX : dataBytes);
  return header;
}

function writeFormat(header: Buffer, offset: number, { sampleRateHz, channels }: AudioFormat): void {
  writeChunkHead(header, offset, "fmt ", 16);
  header.writeUInt16LE(1, offset + 8); // integer PCM
  header.writeUInt16LE(channels, offset + 10);
  header.writeUInt32LE(sampleRateHz, offset + 12);
  header.writeUInt32LE(sampleRateHz * channels * 2, offset + 16);
  header.writeUInt16LE(channels * 2, offset + 20);
  header.writeUInt16LE(16, offset + 22);
}

function writeChunkHead(header: Buffer, offset: number, id: string, size: number): void {
  header.write(id, offset, "latin1");
  header.writeUInt32LE(size, offset + 4);
}
