import { resolve } from "node:path";
import type { Lifetime, OpusSettings, PcmCapture } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import type { CommandEnd } from "../run.js";

/**
 * Records `capture` beside what else happens to it: mute, bitrate and reconnections of a room do not touch the file.
 * Resolves only where the recording fails, which ends the command: who asked for a file wants to know that there is none.
 */
export async function startRecording(
  capture: PcmCapture,
  plan: { readonly recordPath: string | undefined; readonly opus: Partial<OpusSettings>; readonly profile: "voice" | "music" | undefined },
  lifetime: Lifetime,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<CommandEnd> {
  const { recordToFile } = await loadAudio();
  const path = resolve(io.cwd, plan.recordPath ?? "");
  const recording = lifetime.own(
    await recordToFile(capture, path, { signal, opus: plan.opus, ...(plan.profile !== undefined && { profile: plan.profile }) }),
    (open) => open.close(),
  );
  output.event({ event: "recording", path });
  await recording.ended;
  return new Promise(() => {});
}
