import type { AudioCapture, Lifetime, PcmCapture } from "@roomtone/core";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import { type InputSpec, type OpenInputOptions, openInput } from "./inputs.js";
import { fromCaptureEvent } from "./room-events.js";

export interface OpenOptions {
  readonly loop: boolean;
  readonly channels: 1 | 2 | undefined;
  readonly format: "auto" | "wav" | "s16le";
  readonly sampleRateHz: number | undefined;
}

/** Opens every input, in parallel; `lifetime` closes them. Where one fails, the first failure is thrown once all have settled. */
export function openCaptures(
  specs: readonly InputSpec[],
  options: OpenOptions,
  lifetime: Lifetime,
  io: Io,
  signal: AbortSignal,
  output: Output,
): Promise<readonly PcmCapture[]> {
  return openEach(specs, options, lifetime, signal, output, (spec, each) => openInput(spec, io, each));
}

/** The same, each opened by `open`. */
export async function openEach<Capture extends AudioCapture>(
  specs: readonly InputSpec[],
  options: OpenOptions,
  lifetime: Lifetime,
  signal: AbortSignal,
  output: Output,
  open: (spec: InputSpec, options: OpenInputOptions) => Promise<Capture>,
): Promise<readonly Capture[]> {
  const onWarning = (message: string) => output.event({ event: "warning", message });
  const opening = specs.map(async (spec) => {
    const capture = lifetime.own(await open(spec, { ...options, signal, onWarning }), (opened) => opened.close());
    lifetime.defer(capture.on((event) => output.event(fromCaptureEvent(event))));
    return capture;
  });
  const settled = await Promise.allSettled(opening);
  return settled.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
