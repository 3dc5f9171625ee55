import { RoomtoneError, resolveOpusSettings } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import { findAccess } from "../config/credentials.js";
import type { GlobalOptions } from "../config/global-options.js";
import { type OpusFlags, opusSettings } from "../config/opus-flags.js";
import { askForInput, canAsk } from "../config/prompts.js";
import type { Io } from "../io.js";
import type { MetricsAddress } from "../metrics/metrics-address.js";
import { nameTracks, parseInputs } from "../room/inputs.js";
import { openCaptures } from "../room/open-captures.js";
import { publishIntoRoom } from "../room/publish-room.js";
import { command } from "../run.js";

export interface PublishOptions extends GlobalOptions, OpusFlags {
  readonly input?: readonly string[];
  readonly device?: string;
  readonly trackName?: readonly string[];
  readonly driver: "auto" | "rtc" | "opus" | "whip";
  readonly muted?: boolean;
  readonly durationMs?: number;
  readonly loop?: boolean;
  readonly record?: string;
  /** Of the recording. */
  readonly overwrite?: boolean;
  readonly format: "auto" | "wav" | "s16le";
  readonly sampleRateHz?: number;
  readonly statsIntervalMs: number;
  readonly metrics?: MetricsAddress;
}

/** `roomtone publish`: one or more inputs, a track each, into a room. */
export const run = command<PublishOptions>(async (options, io, signal, output) => {
  const opus = opusSettings(options);
  resolveOpusSettings(options.profile, opus);
  const tokenFromStdin = options.token === "-";
  // Everything that flags alone can get wrong is told before anybody is asked or anything is opened.
  const parse = (texts: readonly string[], device: string | undefined) =>
    parseInputs(texts, { ...(device !== undefined && { device }), loop: options.loop === true, tokenFromStdin });
  let specs = parse(options.input ?? ["microphone"], options.device);
  if (options.driver === "whip") refuseForWhip(options, specs.length);
  const trackNames = nameTracks(specs, options.trackName ?? []);
  if (options.record !== undefined && specs.length > 1) {
    throw new RoomtoneError("usage", "--record keeps one input, and there are several: record each with `roomtone record`.", {
      option: "--record",
    });
  }
  const access = await findAccess(options, { publish: true, subscribe: false, anyToken: options.driver === "whip" }, io, signal, output);
  if (options.input === undefined && options.device === undefined && canAsk(io, output)) {
    specs = parse(["microphone"], await chooseMicrophone(io, signal));
  }
  return publishIntoRoom(
    {
      access,
      trackNames,
      open: (lifetime, life) =>
        openCaptures(
          specs,
          { loop: options.loop === true, channels: options.channels, format: options.format, sampleRateHz: options.sampleRateHz },
          lifetime,
          io,
          life,
          output,
        ),
      driver: options.driver,
      profile: options.profile,
      opus,
      muted: options.muted === true,
      durationMs: options.durationMs,
      recordPath: options.record,
      overwrite: options.overwrite === true,
      statsIntervalMs: options.statsIntervalMs,
      metrics: options.metrics,
      retries: options.retries,
    },
    io,
    signal,
    output,
  );
});

/** What WHIP has no words for. @throws RoomtoneError `unsupported` */
function refuseForWhip({ trackName }: PublishOptions, inputs: number): void {
  if (inputs > 1) {
    throw new RoomtoneError("unsupported", "--driver whip carries one track: publish the other inputs with commands of their own.", {
      option: "--input",
    });
  }
  if (trackName !== undefined) {
    throw new RoomtoneError("unsupported", "--driver whip has no way to name a track, the server does that: leave --track-name out.", {
      option: "--track-name",
    });
  }
}

/** The microphone that a person at the terminal chooses; undefined, so the default one, where there is no choice. */
export async function chooseMicrophone(io: Io, signal: AbortSignal): Promise<string | undefined> {
  const { listDevices } = await loadAudio();
  const devices = await listDevices({ signal });
  const inputs = devices.filter((device) => device.kind === "input").sort((one, other) => Number(other.isDefault) - Number(one.isDefault));
  return inputs.length > 1 ? askForInput([...new Set(inputs.map((device) => device.name))], io, signal) : undefined;
}
