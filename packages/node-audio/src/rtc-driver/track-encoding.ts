import { type DriverPublishOptions, type OpusSettings, opusProfiles, RoomtoneError, resolveOpusSettings } from "@roomtone/core";

/** What can be chosen of libwebrtc's encoder through rtc-node. */
export interface TrackEncoding {
  readonly bitrateBps: number;
  readonly discontinuousTransmission: boolean;
}

/** What libwebrtc's encoder does whatever one asks for. A setting asked for by name is honoured where it says the same. */
const fixed: Partial<OpusSettings> = {
  application: "voip",
  complexity: 9,
  frameDurationMs: 20,
  forwardErrorCorrection: true,
  variableBitrate: true,
  maxBandwidth: "fullband",
  signal: "auto",
  channels: 1,
};

const chosen: ReadonlySet<string> = new Set<keyof OpusSettings>(["bitrateBps", "discontinuousTransmission"]);

/**
 * The encoding of a track with these wishes. What a profile says beside is taken as advice; what the user asked for by
 * name is done, or refused.
 * @throws RoomtoneError `unsupported` naming the setting, `invalid-settings`
 */
export function chooseTrackEncoding({ profile = "voice", opus }: Pick<DriverPublishOptions, "profile" | "opus">): TrackEncoding {
  const { bitrateBps, discontinuousTransmission } = resolveOpusSettings(profile, opus);
  for (const [name, value] of Object.entries(opus)) {
    if (value === undefined || chosen.has(name) || value === fixed[name as keyof OpusSettings]) continue;
    throw unsupported(
      name,
      `the setting ${name} ${String(value)}`,
      name in fixed ? `it always does ${String(fixed[name as keyof OpusSettings])}` : "it chooses that itself",
    );
  }
  // Two channels are what defines the profile: with one asked for by name, the rest of it is a bitrate and no pauses.
  if (opusProfiles[profile].channels === 2 && opus.channels === undefined) {
    throw unsupported(
      "channels",
      `the profile ${profile}, which is stereo`,
      "it sends one channel: ask for channels 1, or the profile voice",
    );
  }
  return { bitrateBps, discontinuousTransmission };
}

function unsupported(setting: string, wish: string, instead: string): RoomtoneError {
  return new RoomtoneError("unsupported", `The driver rtc cannot do ${wish}: ${instead}. Leave it out, or choose a driver that can.`, {
    setting,
  });
}
