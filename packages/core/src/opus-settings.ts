import type { OpusSettings } from "./encode.js";
import { RoomtoneError } from "./errors.js";

export type OpusProfile = "voice" | "music";

/** What a profile stands for; single settings can be laid over it. */
export const opusProfiles: Readonly<Record<OpusProfile, OpusSettings>> = {
  voice: {
    bitrateBps: 32_000,
    application: "voip",
    complexity: 9,
    frameDurationMs: 20,
    forwardErrorCorrection: true,
    expectedPacketLossPercent: 10,
    discontinuousTransmission: true,
    variableBitrate: true,
    maxBandwidth: "fullband",
    signal: "voice",
    channels: 1,
  },
  music: {
    bitrateBps: 128_000,
    application: "audio",
    complexity: 10,
    frameDurationMs: 20,
    forwardErrorCorrection: false,
    expectedPacketLossPercent: 0,
    discontinuousTransmission: false,
    variableBitrate: true,
    maxBandwidth: "fullband",
    signal: "music",
    channels: 2,
  },
};

/**
 * `settings` over those of `profile`, complete and valid. A profile's own forward error correction gives way where
 * the settings choose a mode that has none; asked for by the caller, the two are a contradiction.
 * @throws RoomtoneError `invalid-settings` naming the setting and what it takes
 */
export function resolveOpusSettings(profile: OpusProfile = "voice", settings: Partial<OpusSettings> = {}): OpusSettings {
  const base = Object.hasOwn(opusProfiles, profile) ? opusProfiles[profile] : undefined;
  if (!base) throw invalid("profile", "is voice or music");
  const asked = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<OpusSettings>;
  const merged = { ...base, ...asked };
  const yields = asked.forwardErrorCorrection === undefined && celtOnlyBecause(merged) !== undefined;
  return validateOpusSettings(yields ? { ...merged, forwardErrorCorrection: false } : merged);
}

/** `settings` itself. @throws RoomtoneError `invalid-settings` where one is out of range, unknown, or contradicts another */
export function validateOpusSettings(settings: OpusSettings): OpusSettings {
  for (const name of Object.keys(settings)) if (!Object.hasOwn(rules, name)) throw invalid(name, "is not an Opus setting");
  for (const [name, rule] of Object.entries(rules)) {
    if (!rule.accepts(settings[name as keyof OpusSettings])) throw invalid(name, rule.takes);
  }
  const because = celtOnlyBecause(settings);
  if (settings.forwardErrorCorrection && because) {
    throw invalid("forwardErrorCorrection", `contradicts ${because}: Opus has forward error correction in its voice modes only`);
  }
  return settings;
}

/** The setting that rules Opus's voice modes out, if one does. */
function celtOnlyBecause({ application, frameDurationMs }: OpusSettings): string | undefined {
  if (application === "restricted-lowdelay") return "application restricted-lowdelay";
  return frameDurationMs < 10 ? `frameDurationMs ${frameDurationMs}` : undefined;
}

interface Rule {
  readonly takes: string;
  accepts(value: unknown): boolean;
}

function whole(least: number, most: number): Rule {
  const accepts = (value: unknown) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  return { takes: `takes a whole number from ${least} to ${most}`, accepts };
}

function oneOf(...values: readonly unknown[]): Rule {
  return { takes: `takes one of ${values.join(", ")}`, accepts: (value) => values.includes(value) };
}

const rules: Readonly<Record<keyof OpusSettings, Rule>> = {
  bitrateBps: whole(6000, 510_000),
  application: oneOf("voip", "audio", "restricted-lowdelay"),
  complexity: whole(0, 10),
  frameDurationMs: oneOf(2.5, 5, 10, 20, 40, 60),
  forwardErrorCorrection: oneOf(true, false),
  expectedPacketLossPercent: whole(0, 100),
  discontinuousTransmission: oneOf(true, false),
  variableBitrate: oneOf(true, false),
  maxBandwidth: oneOf("narrowband", "mediumband", "wideband", "superwideband", "fullband"),
  signal: oneOf("auto", "voice", "music"),
  channels: oneOf(1, 2),
};

function invalid(setting: string, what: string): RoomtoneError {
  return new RoomtoneError("invalid-settings", `The Opus setting ${setting} ${what}.`, { setting });
}
