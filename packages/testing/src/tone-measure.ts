/** What somebody hears. */
export interface HeardAudio {
  /** Root mean square, of full scale (0 to 1). */
  readonly level: number;
  /** Of the loudest tone, from its zero crossings: right for one clean tone only. 0 in silence. */
  readonly frequencyHz: number;
}

/** Level and frequency of `samples` (one channel, int16 full scale). */
export function measureTone(samples: ArrayLike<number>, sampleRateHz: number): HeardAudio {
  let energy = 0;
  for (let index = 0; index < samples.length; index += 1) energy += ((samples[index] as number) / 32_768) ** 2;
  const level = samples.length === 0 ? 0 : Math.sqrt(energy / samples.length);
  return { level, frequencyHz: level < 0.001 ? 0 : crossingsPerSecond(samples, sampleRateHz, level) };
}

/** Upward zero crossings a second, between the first and the last. Half the level has to be passed on each side, so that noise does not count. */
function crossingsPerSecond(samples: ArrayLike<number>, sampleRateHz: number, level: number): number {
  const threshold = (level * 32_768) / 2;
  let below = false;
  let count = 0;
  let first = -1;
  let last = -1;
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] as number;
    if (sample < -threshold) below = true;
    else if (below && sample > threshold) {
      below = false;
      count += 1;
      if (first < 0) first = index;
      last = index;
    }
  }
  return count < 2 ? 0 : ((count - 1) * sampleRateHz) / (last - first);
}
