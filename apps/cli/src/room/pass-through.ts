import { resolve } from "node:path";
import { type EncodedCapture, isPcmCapture, isRoomtoneError, type PcmCapture, RoomtoneError } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";
import type { Output } from "../output/output.js";
import { type InputSpec, type OpenInputOptions, openInput } from "./inputs.js";
import { isOggOpusFile, isOggOpusStream } from "./ogg-opus.js";

/**
 * The inputs, with those marked that are Ogg Opus and will be published as they are.
 * @throws RoomtoneError `usage` where nothing is left that `opusFlags` could apply to
 */
export async function markPassThrough(specs: readonly InputSpec[], opusFlags: readonly string[], io: Io): Promise<readonly InputSpec[]> {
  const marked = await Promise.all(
    specs.map(async (spec): Promise<InputSpec> => {
      if (spec.kind === "stdin") return { kind: "opus-stdin" };
      if (spec.kind === "file" && (await isOggOpusFile(resolve(io.cwd, spec.path)))) return { kind: "opus-file", path: spec.path };
      return spec;
    }),
  );
  if (marked.every(({ kind }) => kind === "opus-file")) refuseOpusFlags(opusFlags);
  return marked;
}

/** @throws RoomtoneError `usage` where there are any */
export function refuseOpusFlags(opusFlags: readonly string[]): void {
  if (opusFlags.length === 0) return;
  throw new RoomtoneError(
    "usage",
    `The input is Opus already and is published as it is, so ${opusFlags.join(" and ")} would change nothing: leave ` +
      "the flags out, or encode it anew: ffmpeg -i INPUT -f wav - | roomtone publish --input - …",
    { option: opusFlags[0] ?? "--input" },
  );
}

/** Opens `spec` as it is where it is Opus, decoded where it is not. The caller closes the capture. */
export async function openToPublish(
  spec: InputSpec,
  io: Io,
  options: OpenInputOptions & { readonly opusFlags: readonly string[] },
): Promise<PcmCapture | EncodedCapture> {
  const { signal, loop } = options;
  if (spec.kind === "opus-file") {
    const { openEncodedFile } = await loadAudio();
    try {
      return await openEncodedFile(resolve(io.cwd, spec.path), { signal, loop });
    } catch (error) {
      if (!isRoomtoneError(error, "unsupported")) throw error; // more than two channels: decoding mixes them down
      options.onWarning(error.message);
    }
  }
  if (spec.kind === "opus-stdin" && options.format === "auto" && (await isOggOpusStream(io.stdin, signal))) {
    refuseOpusFlags(options.opusFlags);
    const { openEncodedStream } = await loadAudio();
    return openEncodedStream(io.stdin, { signal, label: "standard input" });
  }
  return openInput(spec, io, options);
}

/** Says of each capture that passes through that it does. */
export function tellPassThrough(captures: readonly (PcmCapture | EncodedCapture)[], names: readonly string[], output: Output): void {
  for (const [index, capture] of captures.entries()) {
    if (isPcmCapture(capture)) continue;
    output.event({ event: "passing-through", track: names[index] ?? capture.source.kind, channels: capture.format.channels });
  }
}
