import type { OpusSettings } from "./encode.js";
import { type OpusProfile, resolveOpusSettings } from "./opus-settings.js";
import type { QualityLimits } from "./quality-controller.js";

/** The user's settings bound what is decided: the best that is sent, and, where they name protection, the least of it. */
export function qualityLimits(profile: OpusProfile | undefined, opus: Partial<OpusSettings> | undefined): QualityLimits {
  const ceiling = resolveOpusSettings(profile, opus);
  // A profile's protection is a guess about a network that nobody has seen yet: readings are better. What is named counts.
  const forwardErrorCorrection = opus?.forwardErrorCorrection ?? false;
  const profilePercent = forwardErrorCorrection ? ceiling.expectedPacketLossPercent : 0;
  const least = { forwardErrorCorrection, expectedPacketLossPercent: opus?.expectedPacketLossPercent ?? profilePercent };
  return { ceiling, least };
}
