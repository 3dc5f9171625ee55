import { type OpusProfile, type OpusSettings, opusProfiles, RoomtoneError } from "@roomtone/core";

/** Settings that the browser's encoder keeps to itself, with the values that it can be said to use. */
const fixed: { readonly [Name in keyof OpusSettings]?: readonly OpusSettings[Name][] } = {
  application: ["voip", "audio"],
  // The browser goes by its own CPU and by the receiver's reports.
  complexity: [],
  expectedPacketLossPercent: [],
  frameDurationMs: [20],
  variableBitrate: [true],
  maxBandwidth: ["fullband"],
};

export interface AudioSettings {
  readonly bitrateBps: number;
  readonly dtx: boolean;
  /** Redundant packets (RFC 2198): the browser's way to survive loss. */
  readonly red: boolean;
  readonly stereo: boolean;
}

/**
 * What livekit-client is told of `opus`, laid over `profile`, for a capture of so many channels.
 * @throws RoomtoneError `unsupported` where the browser's encoder cannot be set so
 */
export function audioSettings(profile: OpusProfile | undefined, opus: Partial<OpusSettings>, captureChannels: 1 | 2): AudioSettings {
  for (const [setting, values] of Object.entries(fixed)) {
    const asked = opus[setting as keyof OpusSettings];
    if (asked === undefined || (values as readonly unknown[]).includes(asked)) continue;
    const instead = values.length > 0 ? `: it takes ${values.join(" or ")}` : "";
    throw new RoomtoneError("unsupported", `The browser's Opus encoder does not let ${setting} be set to ${asked}${instead}.`, { setting });
  }
  const base = opusProfiles[profile ?? "voice"];
  const { bitrateBps, discontinuousTransmission, forwardErrorCorrection } = { ...base, ...opus };
  const stereo = (opus.channels ?? Math.min(base.channels, captureChannels)) === 2;
  // LiveKit forwards redundancy for mono only.
  return { bitrateBps, dtx: discontinuousTransmission, red: !stereo && forwardErrorCorrection, stereo };
}
