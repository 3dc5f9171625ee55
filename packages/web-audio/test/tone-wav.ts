import { writeFile } from "node:fs/promises";

const SAMPLE_RATE_HZ = 48_000;

/** Writes one second of a tone with half the full scale: whole periods, so that it repeats without a click. */
export async function writeToneWav(path: string, frequencyHz: number): Promise<string> {
  const wav = Buffer.alloc(44 + SAMPLE_RATE_HZ * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(SAMPLE_RATE_HZ * 2, 40);
  for (let index = 0; index < SAMPLE_RATE_HZ; index += 1) {
    wav.writeInt16LE(Math.round(16_384 * Math.sin((2 * Math.PI * frequencyHz * index) / SAMPLE_RATE_HZ)), 44 + index * 2);
  }
  await writeFile(path, wav);
  return path;
}
