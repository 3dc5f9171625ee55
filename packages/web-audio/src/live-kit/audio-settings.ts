import { type OpusSettings, RoomtoneError } from "@roomtone/core";

/** Settings that the browser's encoder keeps to itself, with the values that it can be said to use. */
const fixed: { readonly [Name in keyof OpusSettings]?: readonly OpusSettings[Name][] } = {
  application: ["voip", "audio"],
  // Left to the browser, which measures its own CPU; both profiles' values stand for that.
  complexity: [9, 10],
  frameDurationMs: [20],
  // Measured by the browser from the receiver's reports.
  expectedPacketLossPercent: [0, 10],
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

/** What livekit-client is told of `opus`. @throws RoomtoneError `unsupported` where the browser's encoder cannot be set so */
export function audioSettings(opus: Partial<OpusSettings>): AudioSettings {
  for (const [setting, values] of Object.entries(fixed)) {
    const asked = opus[setting as keyof OpusSettings];
    if (asked === undefined || (values as readonly unknown[]).includes(asked)) continue;
    throw new RoomtoneError(
      "unsupported",
      `The browser's Opus encoder does not let ${setting} be set to ${asked}: it takes ${values.join(" or ")}.`,
      { setting },
    );
  }
  const stereo = opus.channels === 2;
  return {
    bitrateBps: opus.bitrateBps ?? (stereo ? 128_000 : 32_000),
    dtx: opus.discontinuousTransmission ?? !stereo,
    // LiveKit forwards redundancy for mono only.
    red: !stereo && opus.forwardErrorCorrection !== false,
    stereo,
  };
}
