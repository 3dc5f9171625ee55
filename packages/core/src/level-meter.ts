import { type AudioFrame, frameDurationUs } from "./audio.js";

/** What a meter shows for silence: below what 16 bits can carry. */
export const FLOOR_DBFS = -100;

const FULL_SCALE = 32_768;
const CLIPPED = 32_767; // a converter that clips writes this value or its negative

/** Loudness of one block. A sine of full scale has a peak of 0 and an RMS of -3 dBFS. Nothing is below `FLOOR_DBFS`. */
export interface Level {
  readonly rmsDbfs: number;
  readonly peakDbfs: number;
  /** Samples at full scale, across channels: distortion, where there are several. */
  readonly clippedSamples: number;
}

/** What a meter shows. */
export interface MeterReading extends Level {
  /** The highest recent peak: held for a while, then falling. */
  readonly heldPeakDbfs: number;
  /** How long it has been silent, up to the end of this frame; 0 while it is not. */
  readonly silentMs: number;
  /** Silent for long enough that somebody should look: a dead or muted microphone. */
  readonly silent: boolean;
}

export interface LevelMeterOptions {
  /** How long a peak stands still. Default 1500. */
  readonly peakHoldMs?: number;
  /** How fast it falls then, in dB per second. Default 20. */
  readonly peakDecayDbPerS?: number;
  /** A frame whose peak is below this is silent. Default -60: under the noise of an open microphone, over its digital hum. */
  readonly silenceDbfs?: number;
  /** Default 3000. */
  readonly silentAfterMs?: number;
}

/** The level of `frame` across its channels. */
export function measureLevel(frame: AudioFrame): Level {
  let sum = 0;
  let peak = 0;
  let clippedSamples = 0;
  for (const sample of frame.samples) {
    const size = Math.abs(sample);
    sum += size * size;
    if (size > peak) peak = size;
    if (size >= CLIPPED) clippedSamples += 1;
  }
  const rms = frame.samples.length === 0 ? 0 : Math.sqrt(sum / frame.samples.length);
  return { rmsDbfs: toDbfs(rms / FULL_SCALE), peakDbfs: toDbfs((peak >= CLIPPED ? FULL_SCALE : peak) / FULL_SCALE), clippedSamples };
}

/** A level meter with memory. Time is the audio's own: the frames' lengths, and no clock. */
export class LevelMeter {
  readonly #options: Required<LevelMeterOptions>;
  #heldDbfs = FLOOR_DBFS;
  #heldForMs = 0;
  #silentMs = 0;

  constructor(options: LevelMeterOptions = {}) {
    this.#options = { peakHoldMs: 1500, peakDecayDbPerS: 20, silenceDbfs: -60, silentAfterMs: 3000, ...options };
  }

  push(frame: AudioFrame): MeterReading {
    const { peakHoldMs, peakDecayDbPerS, silenceDbfs, silentAfterMs } = this.#options;
    const level = measureLevel(frame);
    const durationMs = frameDurationUs(frame) / 1000;

    const fallingMs = Math.min(durationMs, Math.max(0, this.#heldForMs + durationMs - peakHoldMs));
    const fallen = Math.max(FLOOR_DBFS, this.#heldDbfs - (fallingMs * peakDecayDbPerS) / 1000);
    const rose = level.peakDbfs >= fallen;
    this.#heldDbfs = rose ? level.peakDbfs : fallen;
    this.#heldForMs = rose ? 0 : this.#heldForMs + durationMs;

    this.#silentMs = level.peakDbfs < silenceDbfs ? this.#silentMs + durationMs : 0;
    return { ...level, heldPeakDbfs: this.#heldDbfs, silentMs: this.#silentMs, silent: this.#silentMs >= silentAfterMs };
  }
}

function toDbfs(amplitude: number): number {
  return amplitude <= 0 ? FLOOR_DBFS : Math.max(FLOOR_DBFS, 20 * Math.log10(amplitude));
}
