import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface InspectedOgg {
  /** Length as ffprobe decodes it, in milliseconds. */
  readonly decodedMs: number;
  readonly channels: number;
  /** What opusinfo warns of, a line each. */
  readonly warnings: readonly string[];
}

/** An Ogg Opus file as two independent readers see it. Rejects where either does not read it. */
export async function inspectOgg(path: string): Promise<InspectedOgg> {
  const [samples, info] = await Promise.all([decodeOgg(path), run("opusinfo", [path])]);
  const channels = Number(/Channels: (\d)/.exec(info.stdout)?.[1] ?? Number.NaN);
  const warnings = `${info.stdout}\n${info.stderr}`.split("\n").filter((line) => /warning|error|corrupt/i.test(line));
  return { decodedMs: samples.length / 48, channels, warnings };
}

/** Decoded by ffmpeg: 48 kHz, mixed to one channel. */
export async function decodeOgg(path: string): Promise<Int16Array> {
  const { stdout } = await run("ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "48000", "-"], {
    encoding: "buffer",
    maxBuffer: 1 << 28,
  });
  return new Int16Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.byteLength & ~1)));
}
