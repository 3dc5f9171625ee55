import { resolve } from "node:path";
import { type EncodedCapture, isPcmCapture, type Lifetime, type PcmCapture } from "@roomtone/core";
import type { Recording } from "@roomtone/node-audio";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import type { CommandEnd } from "../run.js";
import type { PublishPlan } from "./publish-room.js";

/**
 * Records `capture` through every outage. Of what is encoded already, the packets are written that are published; PCM gets an encoder of
 * its own. `onStart` gets the recording, to mute it.
 * Resolves only where the recording fails, which ends the command: who asked for a file wants to know that there is none.
 */
export async function startRecording(
  capture: PcmCapture | EncodedCapture,
  plan: Pick<PublishPlan, "recordPath" | "overwrite" | "opus" | "profile">,
  lifetime: Lifetime,
  io: Io,
  signal: AbortSignal,
  output: Output,
  onStart: (recording: Recording) => void,
): Promise<CommandEnd> {
  const { recordToFile } = await loadAudio();
  const path = resolve(io.cwd, plan.recordPath ?? "");
  const { overwrite, opus, profile } = plan;
  const settings = isPcmCapture(capture) ? { opus, ...(profile !== undefined && { profile }) } : {};
  const recording = lifetime.own(await recordToFile(capture, path, { signal, overwrite, ...settings }), async (open) => {
    await open.close();
    output.event({ event: "recorded", path, durationMs: open.statistics.durationMs, lostMs: open.statistics.lostMs });
  });
  onStart(recording);
  output.event({ event: "recording", path });
  await recording.ended;
  return new Promise(() => {});
}
