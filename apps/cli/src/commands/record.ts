import { resolve } from "node:path";
import { Lifetime, RoomtoneError, resolveOpusSettings } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { GlobalOptions } from "../config/global-options.js";
import { type OpusFlags, opusSettings } from "../config/opus-flags.js";
import { canAsk } from "../config/prompts.js";
import { LeaveRequest } from "../leave.js";
import { parseInputs } from "../room/inputs.js";
import { CaptureLevel } from "../room/levels.js";
import { openCaptures } from "../room/open-captures.js";
import { command } from "../run.js";
import { renderLevel, renderMeter } from "../screen/meter.js";
import { openScreen } from "../screen/screen.js";
import { renderStatus } from "../screen/status-line.js";
import { chooseMicrophone } from "./publish.js";

export interface RecordOptions extends GlobalOptions, OpusFlags {
  /** The file; its default has the time in its name. */
  readonly output?: string;
  /** Replace a recording that is there. */
  readonly overwrite?: boolean;
  readonly input?: string;
  readonly device?: string;
  readonly durationMs?: number;
  readonly loop?: boolean;
  readonly format: "auto" | "wav" | "s16le";
  readonly sampleRateHz?: number;
}

/** `roomtone record`: one input to an Ogg Opus file that plays up to its last second, whatever ends the recording. */
export const run = command<RecordOptions>(async (options, io, signal, output) => {
  if (options.output === "-")
    throw new RoomtoneError("usage", "A recording goes to a file: it is made to survive a crash.", { option: "--output" });
  const opus = opusSettings(options);
  resolveOpusSettings(options.profile, opus);
  const parse = (device: string | undefined) =>
    parseInputs([options.input ?? "microphone"], {
      ...(device !== undefined && { device }),
      loop: options.loop === true,
      tokenFromStdin: false,
    });
  let specs = parse(options.device);
  if (options.input === undefined && options.device === undefined && canAsk(io, output)) specs = parse(await chooseMicrophone(io, signal));
  const path = resolve(io.cwd, options.output ?? defaultFileName(new Date()));

  const ending = new AbortController();
  const life = AbortSignal.any([signal, ending.signal]);
  const lifetime = new Lifetime();
  try {
    const { recordToFile } = await loadAudio();
    const [capture] = await openCaptures(
      specs,
      { loop: options.loop === true, channels: options.channels, format: options.format, sampleRateHz: options.sampleRateHz },
      lifetime,
      io,
      life,
      output,
    );
    if (!capture) throw new RoomtoneError("internal", "There is no capture to record.");
    const recording = lifetime.own(
      await recordToFile(capture, path, {
        opus,
        overwrite: options.overwrite === true,
        ...(options.profile !== undefined && { profile: options.profile }),
      }),
      (open) => open.close(),
    );
    output.event({ event: "recording", path });
    const level = lifetime.own(new CaptureLevel(capture), (open) => open.close());
    const startedMs = performance.now();
    lifetime.defer(
      openScreen({
        io,
        output,
        render: (columns, paint, keysWork) => {
          const status = {
            state: "recording" as const,
            elapsedMs: performance.now() - startedMs,
            keys: keysWork ? ("leave" as const) : undefined,
          };
          const meter = renderMeter(level.reading, Math.max(1, Math.min(60, columns - 8)), paint);
          return [`${meter} ${renderLevel(level.reading)}`, renderStatus(status, columns, paint)];
        },
        onKey: (key) => {
          if (key === "q" || key === "Q") ending.abort(new LeaveRequest("key"));
        },
      }),
    );
    if (options.durationMs !== undefined) {
      const timer = setTimeout(() => ending.abort(new LeaveRequest("duration")), options.durationMs);
      lifetime.defer(() => clearTimeout(timer));
    }
    const left = new Promise<void>((resolveLeft) => {
      if (life.aborted) resolveLeft();
      else life.addEventListener("abort", () => resolveLeft(), { once: true });
    });
    await Promise.race([recording.ended, left]);
    await recording.close();
    await recording.ended; // it fails where the last of it could not be written
    await lifetime.close();
    output.event({ event: "recorded", path, durationMs: recording.statistics.durationMs, lostMs: recording.statistics.lostMs });
    return { reason: "finished" };
  } finally {
    await lifetime.close();
  }
});

/** `roomtone-2026-11-23-211605.ogg`, in local time. */
function defaultFileName(now: Date): string {
  const two = (value: number) => value.toString().padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `roomtone-${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}.ogg`;
}
