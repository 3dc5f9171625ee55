import { seededRandom } from "../seeded-random.js";

const SAMPLE_RATE_HZ = 48_000;

/** Formants of five vowels: centre frequencies in Hz. */
const VOWELS: readonly (readonly [number, number, number])[] = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
];
const BANDWIDTHS_HZ = [80, 100, 140];

/**
 * A voice that says nothing: syllables of glottal pulses through changing formants, hissing consonants between them, a melody of
 * pitch, and pauses as of breath. Mono, 48 kHz, the same for the same seed; like speech in what a codec and a loss do to it.
 */
export function speechLike(durationMs: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const sound = new Float64Array(Math.round((durationMs * SAMPLE_RATE_HZ) / 1000));
  let at = 0;
  while (at < sound.length) {
    const syllables = 4 + Math.floor(random() * 8);
    const basePitchHz = 100 + random() * 60;
    for (let syllable = 0; syllable < syllables && at < sound.length; syllable += 1) {
      if (random() < 0.6) at = hiss(sound, at, 0.04 + random() * 0.06, 2500 + random() * 3500, random);
      const fallingPitchHz = basePitchHz * (1.15 - (0.3 * syllable) / syllables);
      at = vowel(sound, at, 0.09 + random() * 0.13, fallingPitchHz, random);
      if (random() < 0.3) at += Math.round((0.02 + random() * 0.03) * SAMPLE_RATE_HZ);
    }
    at += Math.round((0.2 + random() * 0.35) * SAMPLE_RATE_HZ);
  }
  const peak = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Int16Array.from(sound, (value) => Math.round((value / peak) * 0.7 * 32_767));
}

function vowel(sound: Float64Array, start: number, seconds: number, pitchHz: number, random: () => number): number {
  const length = Math.round(seconds * SAMPLE_RATE_HZ);
  const [from, to] = [VOWELS[Math.floor(random() * 5)], VOWELS[Math.floor(random() * 5)]];
  const resonators = BANDWIDTHS_HZ.map((bandwidthHz) => new Resonator(bandwidthHz));
  const loudness = 0.6 + random() * 0.4;
  let phase = random();
  for (let index = 0; index < length && start + index < sound.length; index += 1) {
    const share = index / length;
    phase += (pitchHz * (1 + 0.08 * Math.sin(Math.PI * share))) / SAMPLE_RATE_HZ;
    const opened = phase % 1;
    // Rosenberg's pulse: a slow opening, a quick closing, then shut; its slope is what the mouth hears.
    const flow = opened < 0.4 ? Math.sin((Math.PI * opened) / 0.4) * 0.4 : opened < 0.56 ? -Math.sin((Math.PI * (opened - 0.4)) / 0.16) : 0;
    const breath = (random() - 0.5) * 0.02;
    const spectrum = resonators.map((resonator, formant) => {
      const centreHz = (from?.[formant] ?? 500) * (1 - share) + (to?.[formant] ?? 500) * share;
      return resonator.next(flow + breath, centreHz) / (1 + formant);
    });
    const envelope = Math.min(1, share * 8, (1 - share) * 5);
    sound[start + index] = (sound[start + index] ?? 0) + spectrum.reduce((sum, value) => sum + value, 0) * envelope * loudness;
  }
  return start + length;
}

function hiss(sound: Float64Array, start: number, seconds: number, centreHz: number, random: () => number): number {
  const length = Math.round(seconds * SAMPLE_RATE_HZ);
  const resonator = new Resonator(1500);
  for (let index = 0; index < length && start + index < sound.length; index += 1) {
    const envelope = Math.sin((Math.PI * index) / length);
    sound[start + index] = (sound[start + index] ?? 0) + resonator.next(random() - 0.5, centreHz) * envelope * 0.5;
  }
  return start + length;
}

/** Two poles, of gain 1 at its centre or so. */
class Resonator {
  readonly #radius: number;
  #one = 0;
  #two = 0;

  constructor(bandwidthHz: number) {
    this.#radius = Math.exp((-Math.PI * bandwidthHz) / SAMPLE_RATE_HZ);
  }

  next(input: number, centreHz: number): number {
    const turn = 2 * Math.cos((2 * Math.PI * centreHz) / SAMPLE_RATE_HZ) * this.#radius;
    const output = input * (1 - this.#radius) * 8 + turn * this.#one - this.#radius ** 2 * this.#two;
    this.#two = this.#one;
    this.#one = output;
    return output;
  }
}
