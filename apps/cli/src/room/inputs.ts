import { basename, resolve } from "node:path";
import { type PcmCapture, RoomtoneError } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";

/** What `--input` names. */
export type InputSpec =
  | { readonly kind: "microphone"; readonly deviceName: string | undefined }
  | { readonly kind: "file"; readonly path: string }
  /** Ogg Opus, published as it is. */
  | { readonly kind: "opus-file"; readonly path: string }
  | { readonly kind: "stdin" }
  /** Ogg Opus on standard input, published as it is; anything else is decoded. */
  | { readonly kind: "opus-stdin" }
  | { readonly kind: "tone"; readonly frequencyHz: number }
  | { readonly kind: "melody" };

/** A tone above this is not in a room's 48 kHz. */
const MAX_TONE_HZ = 20_000;

/** @throws RoomtoneError `usage` */
export function parseInput(text: string, deviceName?: string): InputSpec {
  if (text === "microphone" || text === "mic") return { kind: "microphone", deviceName };
  if (text === "-") return { kind: "stdin" };
  if (text === "melody") return { kind: "melody" };
  const tone = /^tone(?::(.*))?$/.exec(text);
  if (!tone) return { kind: "file", path: text };
  const frequencyHz = tone[1] === undefined ? 440 : Number(tone[1]);
  if (!(frequencyHz > 0 && frequencyHz <= MAX_TONE_HZ) || tone[1]?.trim() === "") {
    throw new RoomtoneError("usage", `--input tone:… takes a frequency in hertz up to ${MAX_TONE_HZ}, such as tone:440.`, {
      option: "--input",
    });
  }
  return { kind: "tone", frequencyHz };
}

/** @throws RoomtoneError `usage` where the inputs do not go together */
export function parseInputs(
  texts: readonly string[],
  flags: { readonly device?: string; readonly loop?: boolean; readonly tokenFromStdin: boolean },
): readonly InputSpec[] {
  const specs = texts.map((text) => parseInput(text, flags.device));
  const refuse = (message: string, option: string) => {
    throw new RoomtoneError("usage", message, { option });
  };
  const stdinCount = specs.filter((spec) => spec.kind === "stdin").length;
  if (stdinCount > 1) refuse("Standard input can be one input only: give --input - once.", "--input");
  if (stdinCount > 0 && flags.tokenFromStdin)
    refuse("Standard input cannot carry both the token and the audio: use --token-file.", "--input");
  if (flags.device !== undefined && !specs.some((spec) => spec.kind === "microphone")) {
    refuse("--device names a microphone, and no --input is one.", "--device");
  }
  if (flags.loop && !specs.some((spec) => spec.kind === "file")) refuse("--loop repeats a file, and no --input is one.", "--loop");
  return specs;
}

/** Names for the tracks: those given, by position, then what each input is, each name once. @throws RoomtoneError `usage` */
export function nameTracks(specs: readonly InputSpec[], given: readonly string[]): readonly string[] {
  if (given.length > specs.length) {
    throw new RoomtoneError("usage", `There are ${given.length} --track-name for ${specs.length} --input.`, { option: "--track-name" });
  }
  const names: string[] = [];
  for (const [index, spec] of specs.entries()) {
    const wanted = given[index] ?? defaultName(spec);
    if (given[index] !== undefined && names.includes(wanted)) {
      throw new RoomtoneError("usage", `Two tracks have the name "${wanted}": give each its own.`, { option: "--track-name" });
    }
    let name = wanted;
    for (let suffix = 2; names.includes(name) || (given.includes(name) && given[index] !== name); suffix += 1) name = `${wanted}-${suffix}`;
    names.push(name);
  }
  return names;
}

function defaultName(spec: InputSpec): string {
  if (spec.kind === "file" || spec.kind === "opus-file") return basename(spec.path);
  return spec.kind === "stdin" || spec.kind === "opus-stdin" ? "stream" : spec.kind;
}

export interface OpenInputOptions {
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
  readonly loop: boolean;
  readonly channels: 1 | 2 | undefined;
  /** Of standard input. */
  readonly format: "auto" | "wav" | "s16le";
  /** Of standard input without a header, in hertz. */
  readonly sampleRateHz: number | undefined;
}

/** Opens the input. The caller closes the capture. */
export async function openInput(spec: InputSpec, io: Io, options: OpenInputOptions): Promise<PcmCapture> {
  const audio = await loadAudio();
  const { signal, channels, onWarning } = options;
  switch (spec.kind) {
    case "microphone":
      return audio.openMicrophone({
        signal,
        onWarning,
        ...(spec.deviceName !== undefined && { device: spec.deviceName }),
        ...(channels !== undefined && { channels }),
      });
    case "file":
    case "opus-file":
      return audio.openFile(resolve(io.cwd, spec.path), { signal, loop: options.loop });
    case "stdin":
    case "opus-stdin":
      return audio.openStream(io.stdin, {
        signal,
        label: "standard input",
        format: options.format,
        ...(options.sampleRateHz !== undefined && { sampleRateHz: options.sampleRateHz }),
        ...(channels !== undefined && { channels }),
      });
    case "tone":
      return audio.openTone({ frequencyHz: spec.frequencyHz, ...(channels !== undefined && { channels }) });
    case "melody":
      return audio.openMelody();
  }
}
