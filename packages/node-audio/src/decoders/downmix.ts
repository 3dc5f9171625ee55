const HALF_POWER = Math.SQRT1_2;

/** What one channel adds to left and right: ITU-R BS.775 for surround sound; the low-frequency channel (`x`) is left out. */
const gains: Record<string, readonly [left: number, right: number]> = {
  L: [1, 0],
  R: [0, 1],
  C: [HALF_POWER, HALF_POWER],
  l: [HALF_POWER, 0],
  r: [0, HALF_POWER],
  b: [0.5, 0.5],
  x: [0, 0],
};

/** Order of 1 to 8 channels: WAV and FLAC agree, Opus has Vorbis' order. Capitals are in front, small letters behind or beside. */
const layouts = {
  wav: ["L", "LR", "LRC", "LRlr", "LRClr", "LRCxlr", "LRCxblr", "LRCxlrlr"],
  vorbis: ["L", "LR", "LCR", "LRlr", "LCRlr", "LCRlrx", "LCRlrbx", "LCRlrlrx"],
} as const;

export const MAX_CHANNELS = 8;

/** One or two channels as they are; up to eight mixed to stereo, scaled so that nothing can clip. */
export function downmix(channels: readonly Float32Array[], order: keyof typeof layouts): readonly Float32Array[] {
  const layout = layouts[order][channels.length - 1];
  if (channels.length <= 2 || layout === undefined) return channels;
  return [0, 1].map((side) => {
    const parts = channels
      .map((channel, index) => ({ channel, gain: gains[layout[index] ?? "x"]?.[side] ?? 0 }))
      .filter(({ gain }) => gain > 0);
    const scale = 1 / parts.reduce((sum, { gain }) => sum + gain, 0);
    const mixed = new Float32Array(channels[0]?.length ?? 0);
    for (const { channel, gain } of parts) {
      for (let index = 0; index < mixed.length; index += 1)
        mixed[index] = (mixed[index] as number) + (channel[index] as number) * gain * scale;
    }
    return mixed;
  });
}
