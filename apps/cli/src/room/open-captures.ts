import type { Lifetime, PcmCapture } from "@roomtone/core";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import { type InputSpec, openInput } from "./inputs.js";
import { fromCaptureEvent } from "./room-events.js";

export interface OpenOptions {
  readonly loop: boolean;
  readonly channels: 1 | 2 | undefined;
  readonly format: "auto" | "wav" | "s16le";
  readonly sampleRateHz: number | undefined;
}

/** Opens every input, in parallel; `lifetime` closes them. Where one fails, the first failure is thrown once all have settled. */
export async function openCaptures(
  specs: readonly InputSpec[],
  options: OpenOptions,
  lifetime: Lifetime,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<readonly PcmCapture[]> {
  const onWarning = (message: string) => output.event({ event: "warning", message });
  const opening = specs.map(async (spec) => {
    const capture = await openInput(spec, io, { ...options, signal, onWarning });
    lifetime.own(capture, (open) => open.close());
    lifetime.defer(capture.on((event) => output.event(fromCaptureEvent(event))));
    return capture;
  });
  const settled = await Promise.allSettled(opening);
  return settled.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
