import { spawn } from "node:child_process";
import { wavBytes } from "./wav.js";

export interface EncodeFileOptions {
  /** Of `samples`. Default 48000. */
  readonly sampleRateHz?: number;
  /** Interleaved in `samples`. Default 1. */
  readonly channels?: number;
  /** For ffmpeg, in front of the output: codec, bitrate and the like. */
  readonly encoderArguments?: readonly string[];
}

/** Encodes interleaved int16 samples with ffmpeg, which chooses by the name's ending. Rejects where ffmpeg is missing: a test that needs it fails. */
export async function encodeFile(path: string, samples: Int16Array, options: EncodeFileOptions = {}): Promise<void> {
  const input = wavBytes(samples, { sampleRateHz: options.sampleRateHz ?? 48_000, channels: options.channels ?? 1 });
  const ffmpeg = spawn("ffmpeg", ["-loglevel", "error", "-y", "-i", "pipe:0", ...(options.encoderArguments ?? []), path], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  const said: Buffer[] = [];
  ffmpeg.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  ffmpeg.stdin.on("error", () => {}); // its exit code says more than the broken pipe
  ffmpeg.stdin.end(input);
  await new Promise<void>((resolve, reject) => {
    ffmpeg.once("error", (cause) => reject(new Error("This test needs ffmpeg: apt-get install ffmpeg", { cause })));
    ffmpeg.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}: ${Buffer.concat(said)}`))));
  });
}
