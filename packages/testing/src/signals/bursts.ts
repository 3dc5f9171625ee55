const SAMPLE_RATE_HZ = 48_000;
const BURST_HZ = 2_000;
const BED_HZ = 440;
const PERIOD_MS = 400;
const BURST_MS = 60;

/** Mono int16: a quiet 440 Hz bed, so that the first audio is seen at once, and a loud 2 kHz burst every `periodMs`. */
export function burstSignal(durationS: number, periodMs = PERIOD_MS): Int16Array {
  const samples = new Int16Array(durationS * SAMPLE_RATE_HZ);
  for (let index = 0; index < samples.length; index++) {
    const bed = 0.08 * Math.sin((2 * Math.PI * BED_HZ * index) / SAMPLE_RATE_HZ);
    const inPeriodMs = ((index / SAMPLE_RATE_HZ) * 1000) % periodMs;
    const burst = inPeriodMs < BURST_MS ? 0.6 * Math.sin((2 * Math.PI * BURST_HZ * index) / SAMPLE_RATE_HZ) : 0;
    samples[index] = Math.round((bed + burst) * 32767);
  }
  return samples;
}

/** Finds the onsets of the bursts, and the first audio, in mono int16 blocks as they arrive. */
export class OnsetDetector {
  /** Monotonic milliseconds of each burst's onset. */
  readonly onsetsMs: number[] = [];
  /** Monotonic milliseconds of the first audible block. */
  firstAudioMs: number | undefined;
  #quietSinceMs = Number.NEGATIVE_INFINITY;
  #inBurst = false;

  push(samples: Int16Array, arrivedMs: number): void {
    const hop = 96; // 2 ms: four whole periods of the burst
    for (let start = 0; start + hop <= samples.length; start += hop) {
      const atMs = arrivedMs - ((samples.length - start) / SAMPLE_RATE_HZ) * 1000;
      const energy = rms(samples, start, hop);
      if (energy > 0.01) this.firstAudioMs ??= arrivedMs;
      const loud = energy > 0.2;
      if (loud && !this.#inBurst && atMs - this.#quietSinceMs > 100) this.onsetsMs.push(atMs);
      if (loud) this.#quietSinceMs = atMs;
      this.#inBurst = loud;
    }
  }
}

/** Delay from each mouth onset to the ear onset that follows it within a period, in milliseconds: a longer one looks shorter by a period. */
export function delaysMs(mouth: readonly number[], ear: readonly number[], periodMs = PERIOD_MS): number[] {
  const delays: number[] = [];
  for (const heard of ear) {
    const spoken = mouth.findLast((each) => each < heard);
    if (spoken !== undefined && heard - spoken < periodMs) delays.push(heard - spoken);
  }
  return delays;
}

function rms(samples: Int16Array, start: number, length: number): number {
  let sum = 0;
  for (let index = start; index < start + length; index++) sum += ((samples[index] ?? 0) / 32768) ** 2;
  return Math.sqrt(sum / length);
}
