/** RFC 6464: 0 is full scale, 127 is silence. */
export const SILENCE_LEVEL_DBOV = 127;
/** Quieter than this is not called voice. The server decides by the level; receivers may look at the bit. */
const VOICE_ABOVE_DBOV = 60;

/** Loudness of PCM as RFC 6464 wants it: minus the root mean square, in dB below full scale, as a whole number. */
export function audioLevelDbov(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return SILENCE_LEVEL_DBOV;
  const rms = Math.sqrt(sum / samples.length) / 32_768;
  return Math.min(SILENCE_LEVEL_DBOV, Math.max(0, Math.round(-20 * Math.log10(rms))));
}

/** The header extension's one byte. */
export function audioLevelByte(levelDbov: number): number {
  return levelDbov | (levelDbov < VOICE_ABOVE_DBOV ? 0x80 : 0);
}
