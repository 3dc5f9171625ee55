import { measureTone } from "./signals/detectors.js";

/** What somebody hears. */
export interface HeardAudio {
  /** Root mean square, of full scale (0 to 1). */
  readonly level: number;
  /** Of the loudest tone. 0 in silence. */
  readonly frequencyHz: number;
}

/** Level and loudest frequency of `samples` (one channel, int16 full scale). */
export function heardAudio(samples: Int16Array, sampleRateHz: number): HeardAudio {
  const { levelDbfs, dominantHz } = measureTone(samples, { sampleRateHz, frequencyHz: 1000 });
  const level = 10 ** (levelDbfs / 20);
  return { level, frequencyHz: level < 0.001 ? 0 : dominantHz };
}
