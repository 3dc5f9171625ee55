import type { PcmCapture } from "@roomtone/core";
import { generatedCapture } from "./generated-audio.js";

const SAMPLE_RATE_HZ = 48_000;
const STEP_SAMPLES = SAMPLE_RATE_HZ * 0.36; // one note after another, at a walking pace
const RING_SAMPLES = STEP_SAMPLES * 6; // a note has died away after this long
const ATTACK_SAMPLES = SAMPLE_RATE_HZ * 0.008; // soft, so that a beginning does not click
const RELEASE_SAMPLES = SAMPLE_RATE_HZ * 0.1;
const PEAK = 0.09; // of one note: the sum of those that ring together stays around -12 dBFS

/** Semitones above A3 (220 Hz) in A major pentatonic, which has no dissonance; undefined is a rest. Four bars of eight. */
const notes: readonly (number | undefined)[] = [
  ...[0, 7, 12, 16, 14, 12, 7, undefined],
  ...[2, 9, 14, 19, 16, 14, 9, undefined],
  ...[4, 9, 16, 21, 19, 16, 12, undefined],
  ...[2, 7, 14, 16, 12, undefined, 7, undefined],
];

/** Partials of something like a kalimba: each rings shorter than the one below. */
const timbre = [
  { multiple: 1, share: 1, halfLifeS: 0.35 },
  { multiple: 2, share: 0.35, halfLifeS: 0.18 },
  { multiple: 5.4, share: 0.05, halfLifeS: 0.04 },
];

/** A quiet melody that goes round without a seam, always the same: what is published where there is no microphone. */
export function openMelody(): PcmCapture {
  let index = 0;
  let voices: Voice[] = [];
  return generatedCapture({ kind: "melody", label: "melody" }, 1, () => {
    if (index % STEP_SAMPLES === 0) {
      const semitones = notes[(index / STEP_SAMPLES) % notes.length];
      voices = voices.filter((voice) => !voice.over);
      if (semitones !== undefined) voices.push(new Voice(220 * 2 ** (semitones / 12)));
    }
    index += 1;
    return voices.reduce((sum, voice) => sum + voice.next(), 0) * PEAK;
  });
}

/** One note. Each partial is a point that turns and shrinks: far cheaper than a sine and a power for every sample. */
class Voice {
  #age = 0;
  readonly #partials: Array<{ x: number; y: number; readonly turnX: number; readonly turnY: number }>;

  constructor(frequencyHz: number) {
    this.#partials = timbre.map(({ multiple, share, halfLifeS }) => {
      const angle = (2 * Math.PI * frequencyHz * multiple) / SAMPLE_RATE_HZ;
      const decay = 2 ** (-1 / (halfLifeS * SAMPLE_RATE_HZ));
      return { x: share, y: 0, turnX: decay * Math.cos(angle), turnY: decay * Math.sin(angle) };
    });
  }

  get over(): boolean {
    return this.#age >= RING_SAMPLES;
  }

  next(): number {
    let sum = 0;
    for (const partial of this.#partials) {
      sum += partial.y;
      const x = partial.x * partial.turnX - partial.y * partial.turnY;
      partial.y = partial.x * partial.turnY + partial.y * partial.turnX;
      partial.x = x;
    }
    const edge = Math.min(1, this.#age / ATTACK_SAMPLES, Math.max(0, (RING_SAMPLES - this.#age) / RELEASE_SAMPLES));
    this.#age += 1;
    return sum * edge;
  }
}
