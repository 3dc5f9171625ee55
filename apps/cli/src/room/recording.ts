import { resolve } from "node:path";
import type { Lifetime, PcmCapture } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import type { CommandEnd } from "../run.js";
import type { PublishPlan } from "./publish-room.js";

/**
 * Records `capture` beside what else happens to it: mute, bitrate and reconnections of a room do not touch the file.
 * Resolves only where the recording fails, which ends the command: who asked for a file wants to know that there is none.
 */
export async function startRecording(
  capture: PcmCapture,
  plan: Pick<PublishPlan, "recordPath" | "overwrite" | "opus" | "profile">,
  lifetime: Lifetime,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<CommandEnd> {
  const { recordToFile } = await loadAudio();
  const path = resolve(io.cwd, plan.recordPath ?? "");
  const { overwrite, opus, profile } = plan;
  const recording = lifetime.own(
    await recordToFile(capture, path, { signal, overwrite, opus, ...(profile !== undefined && { profile }) }),
    async (open) => {
      await open.close();
      output.event({ event: "recorded", path, durationMs: open.statistics.durationMs, lostMs: open.statistics.lostMs });
    },
  );
  output.event({ event: "recording", path });
  await recording.ended;
  return new Promise(() => {});
}
