import { RoomtoneError, resolveOpusSettings } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import { findAccess, findAccessToEach } from "../config/credentials.js";
import type { GlobalOptions } from "../config/global-options.js";
import { givenOpusFlags, type OpusFlags, opusSettings } from "../config/opus-flags.js";
import { askForInput, canAsk } from "../config/prompts.js";
import { checkTargets, labelOf, type Target } from "../config/targets.js";
import type { Io } from "../io.js";
import type { MetricsAddress } from "../metrics/metrics-address.js";
import type { RoomPlan } from "../room/attendance.js";
import { nameTracks, parseInputs } from "../room/inputs.js";
import { openEach } from "../room/open-captures.js";
import { markPassThrough, openToPublish, tellPassThrough } from "../room/pass-through.js";
import { publishIntoRoom } from "../room/publish-room.js";
import { command } from "../run.js";

export interface PublishOptions extends GlobalOptions, OpusFlags {
  readonly input?: readonly string[];
  readonly device?: string;
  readonly trackName?: readonly string[];
  readonly driver: "auto" | "rtc" | "opus" | "whip";
  readonly muted?: boolean;
  readonly quality: "follow-network" | "fixed";
  readonly durationMs?: number;
  readonly loop?: boolean;
  readonly record?: string;
  /** Of the recording. */
  readonly overwrite?: boolean;
  readonly to?: readonly Target[];
  readonly format: "auto" | "wav" | "s16le";
  readonly sampleRateHz?: number;
  readonly statsIntervalMs: number;
  readonly metrics?: MetricsAddress;
}

/** `roomtone publish`: one or more inputs, a track each, into a room. */
export const run = command<PublishOptions>(async (options, io, signal, output) => {
  const targets = options.to ?? [];
  if (targets.length > 0) checkTargets(targets, options);
  // What `auto` means for who only publishes.
  const driver = targets.length > 0 || options.driver === "auto" ? "opus" : options.driver;
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
  const opusFlags = driver === "opus" ? givenOpusFlags(options) : [];
  if (driver === "opus") specs = await markPassThrough(specs, opusFlags, io);
  const needs = { publish: true, subscribe: false, anyToken: driver === "whip" };
  const rooms = targets.length > 0 ? await roomsOf(targets) : [{ access: await findAccess(options, needs, io, signal, output) }];
  if (options.input === undefined && options.device === undefined && canAsk(io, output)) {
    specs = parse(["microphone"], await chooseMicrophone(io, signal));
  }
  return publishIntoRoom(
    {
      rooms,
      trackNames,
      open: async (lifetime, life) => {
        const each = {
          loop: options.loop === true,
          channels: options.channels,
          format: options.format,
          sampleRateHz: options.sampleRateHz,
        };
        const captures = await openEach(specs, each, lifetime, life, output, (spec, open) =>
          openToPublish(spec, io, { ...open, opusFlags: specs.length === 1 ? opusFlags : [] }),
        );
        tellPassThrough(captures, trackNames, output);
        return captures;
      },
      driver,
      profile: options.profile,
      opus,
      muted: options.muted === true,
      quality: options.quality,
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

  async function roomsOf(all: readonly Target[]): Promise<readonly RoomPlan[]> {
    const accesses = await findAccessToEach(all, options, needs, io, signal, output);
    return accesses.map((access, index) => {
      const target = all[index];
      return target && all.length > 1 ? { access, place: { room: target.room, to: index + 1, label: labelOf(target, all) } } : { access };
    });
  }
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
