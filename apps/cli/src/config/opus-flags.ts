import type { OpusFrameDurationMs, OpusSettings } from "@roomtone/core";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseBitrateBps, parseNumber } from "./values.js";

/** The flags that choose how audio is encoded. */
export interface OpusFlags {
  readonly profile?: "voice" | "music";
  readonly bitrate?: number;
  readonly application?: OpusSettings["application"];
  readonly complexity?: number;
  readonly frameDuration?: OpusFrameDurationMs;
  readonly forwardErrorCorrection?: boolean;
  readonly expectedPacketLoss?: number;
  readonly discontinuousTransmission?: boolean;
  readonly variableBitrate?: boolean;
  readonly maxBandwidth?: OpusSettings["maxBandwidth"];
  readonly signal?: OpusSettings["signal"];
  readonly channels?: 1 | 2;
}

/** Adds the flags to `command`. Ranges are core's to judge; here a value only has to have the right shape. */
export function addOpusFlags(command: Command): Command {
  const option = (flags: string, description: string) => new Option(flags, description);
  command.optionsGroup("Opus:");
  command
    .addOption(option("--profile <profile>", "base for the settings below: speech, or stereo music").choices(["voice", "music"]))
    .addOption(option("--bitrate <bps>", "6000 to 510000, or 32k").argParser(parseBitrateBps))
    .addOption(option("--application <use>", "what the encoder optimises for").choices(["voip", "audio", "restricted-lowdelay"]))
    .addOption(option("--complexity <0-10>", "CPU spent on quality").argParser(parseNumber))
    .addOption(option("--frame-duration <ms>", "audio in one packet: 2.5, 5, 10, 20, 40 or 60").argParser(parseFrameDuration))
    .addOption(option("--expected-packet-loss <percent>", "loss to prepare for, 0 to 100").argParser(parseNumber))
    .addOption(
      option("--max-bandwidth <band>", "widest audio band").choices(["narrowband", "mediumband", "wideband", "superwideband", "fullband"]),
    )
    .addOption(option("--signal <kind>", "hint about the content").choices(["auto", "voice", "music"]))
    .addOption(option("--channels <1|2>", "mono or stereo").argParser(parseChannels));
  addSwitch(command, "fec", "forward-error-correction", "repair single losses (voice modes)");
  addSwitch(command, "dtx", "discontinuous-transmission", "send next to nothing during silence");
  addSwitch(command, "vbr", "variable-bitrate", "spend bits where they are needed");
  return command;
}

/** A setting that is on or off, by its short name, its long one, and `no-` before either. Help shows the short one. */
function addSwitch(command: Command, short: string, long: string, description: string): void {
  const attribute = long.replace(/-(.)/g, (_dash, letter: string) => letter.toUpperCase());
  for (const flag of [`--${short}`, `--no-${short}`, `--${long}`, `--no-${long}`]) {
    const option = new Option(flag, `${description}; --no-${short}: do not`).hideHelp(flag !== `--${short}`);
    option.attributeName = () => attribute;
    command.addOption(option);
  }
}

/** The flags among them that were given, as they are typed. */
export function givenOpusFlags(flags: OpusFlags): readonly string[] {
  const typed: Readonly<Record<keyof OpusFlags, string>> = {
    profile: "--profile",
    bitrate: "--bitrate",
    application: "--application",
    complexity: "--complexity",
    frameDuration: "--frame-duration",
    forwardErrorCorrection: "--fec",
    expectedPacketLoss: "--expected-packet-loss",
    discontinuousTransmission: "--dtx",
    variableBitrate: "--vbr",
    maxBandwidth: "--max-bandwidth",
    signal: "--signal",
    channels: "--channels",
  };
  return Object.entries(typed).flatMap(([name, flag]) => {
    const value = flags[name as keyof OpusFlags];
    return value === undefined ? [] : [value === false ? flag.replace("--", "--no-") : flag];
  });
}

/** The settings that were asked for, and only those. */
export function opusSettings(flags: OpusFlags): Partial<OpusSettings> {
  return {
    ...(flags.bitrate !== undefined && { bitrateBps: flags.bitrate }),
    ...(flags.application !== undefined && { application: flags.application }),
    ...(flags.complexity !== undefined && { complexity: flags.complexity }),
    ...(flags.frameDuration !== undefined && { frameDurationMs: flags.frameDuration }),
    ...(flags.forwardErrorCorrection !== undefined && { forwardErrorCorrection: flags.forwardErrorCorrection }),
    ...(flags.expectedPacketLoss !== undefined && { expectedPacketLossPercent: flags.expectedPacketLoss }),
    ...(flags.discontinuousTransmission !== undefined && { discontinuousTransmission: flags.discontinuousTransmission }),
    ...(flags.variableBitrate !== undefined && { variableBitrate: flags.variableBitrate }),
    ...(flags.maxBandwidth !== undefined && { maxBandwidth: flags.maxBandwidth }),
    ...(flags.signal !== undefined && { signal: flags.signal }),
    ...(flags.channels !== undefined && { channels: flags.channels }),
  };
}

function parseFrameDuration(text: string): OpusFrameDurationMs {
  const duration = ([2.5, 5, 10, 20, 40, 60] as const).find((candidate) => candidate === Number(text.replace(/ms$/, "")));
  if (duration === undefined) throw new InvalidArgumentError("It takes 2.5, 5, 10, 20, 40 or 60.");
  return duration;
}

function parseChannels(text: string): 1 | 2 {
  if (text === "1" || text === "mono") return 1;
  if (text === "2" || text === "stereo") return 2;
  throw new InvalidArgumentError("It takes 1 or 2.");
}
