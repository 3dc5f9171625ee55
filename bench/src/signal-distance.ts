import { fourier } from "@roomtone/testing";

const RATE_HZ = 16_000;
const DECIMATION = 3;
const WINDOW = 512;
const HOP = 320; // 20 ms, as a packet
const BANDS = 24;
const LOWEST_HZ = 100;
const HIGHEST_HZ = 7600;
const BLOCK = 3200; // 200 ms: the receiver's buffer stretches and squeezes time, so that the delay is found anew for each
const LAG_STEP = 640;

/** How what was heard differs from what was said, over the frames in which something was said. */
export interface SignalDistance {
  /** Mean over 20 ms frames of the root mean square difference of 24 mel bands, in dB, no band counting more than 40 dB. 0: the same. */
  readonly spectralDistanceDb: number;
  /** Share of the frames that came with less than a hundredth of their energy. */
  readonly gapShare: number;
  /** Mean over frames of signal to difference, in dB, each held within -10 and 35. */
  readonly segmentalSnrDb: number;
  /** Frames that were compared. */
  readonly frames: number;
}

/** Compares mono sound at 48 kHz, aligned by cross-correlation. `said` begins within the first 4 s of `heard`. */
export function signalDistance(said: Int16Array, heard: Int16Array): SignalDistance {
  const [reference, received] = [decimate(said), decimate(heard)];
  let lag = bestLag(reference, received, 0, 4 * RATE_HZ, 0, 4 * RATE_HZ, 4);
  const levels = frameEnergies(reference);
  const loud = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  let [distance, gaps, snr, frames] = [0, 0, 0, 0];
  for (let block = 0; block + BLOCK + WINDOW <= reference.length; block += BLOCK) {
    lag = bestLag(reference, received, block, BLOCK, lag - LAG_STEP, lag + LAG_STEP, 4, lag);
    lag = bestLag(reference, received, block, BLOCK, lag - 4, lag + 4, 1, lag);
    for (let at = block; at < block + BLOCK; at += HOP) {
      const energy = levels[at / HOP] ?? 0;
      if (energy < loud * 0.01 || at + lag < 0 || at + lag + WINDOW > received.length) continue;
      frames += 1;
      distance += spectralDistance(reference, at, received, at + lag, loud);
      if (energyOf(received, at + lag) < energy * 0.01) gaps += 1;
      snr += segmentalSnr(reference, at, received, at + lag, energy);
    }
  }
  return { spectralDistanceDb: distance / frames, gapShare: gaps / frames, segmentalSnrDb: snr / frames, frames };
}

function decimate(samples: Int16Array): Float64Array {
  // A window of sinc, cut at 7.6 kHz.
  const taps = Array.from({ length: 49 }, (_, index) => {
    const offset = index - 24;
    const cut = (2 * HIGHEST_HZ) / (RATE_HZ * DECIMATION);
    const sinc = offset === 0 ? cut : Math.sin(Math.PI * cut * offset) / (Math.PI * offset);
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * offset) / 25));
  });
  return Float64Array.from({ length: Math.floor(samples.length / DECIMATION) }, (_, index) =>
    taps.reduce((sum, tap, offset) => sum + tap * ((samples[index * DECIMATION + offset - 24] ?? 0) / 32_768), 0),
  );
}

/** Where `received` resembles `length` samples of `reference` most; `fallback` where it does so nowhere. */
function bestLag(
  reference: Float64Array,
  received: Float64Array,
  at: number,
  length: number,
  from: number,
  to: number,
  step: number,
  fallback = from,
): number {
  let [best, bestCorrelation] = [fallback, 0.25];
  let own = 0;
  for (let index = 0; index < length; index += 2) own += (reference[at + index] ?? 0) ** 2;
  for (let lag = from; lag <= to; lag += step) {
    let [product, other] = [0, 0];
    for (let index = 0; index < length; index += 2) {
      const heard = received[at + lag + index] ?? 0;
      product += (reference[at + index] ?? 0) * heard;
      other += heard * heard;
    }
    const correlation = product / Math.sqrt(own * other + 1e-12);
    if (correlation > bestCorrelation) [best, bestCorrelation] = [lag, correlation];
  }
  return best;
}

function energyOf(samples: Float64Array, at: number): number {
  let energy = 0;
  for (let index = 0; index < HOP; index += 1) energy += (samples[at + index] ?? 0) ** 2;
  return energy;
}

function frameEnergies(samples: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.floor(samples.length / HOP) }, (_, frame) => energyOf(samples, frame * HOP));
}

function segmentalSnr(reference: Float64Array, at: number, received: Float64Array, there: number, energy: number): number {
  let difference = 0;
  for (let index = 0; index < HOP; index += 1) difference += ((reference[at + index] ?? 0) - (received[there + index] ?? 0)) ** 2;
  return Math.min(35, Math.max(-10, 10 * Math.log10(energy / (difference + 1e-12))));
}

function spectralDistance(reference: Float64Array, at: number, received: Float64Array, there: number, loud: number): number {
  const [said, heard] = [bandLevels(reference, at), bandLevels(received, there)];
  // What is 60 dB under a loud frame is silence in both.
  const floor = (loud * WINDOW) / BANDS / 1e6;
  let sum = 0;
  for (let band = 0; band < BANDS; band += 1) {
    const difference = 10 * Math.log10(((said[band] ?? 0) + floor) / ((heard[band] ?? 0) + floor));
    sum += Math.min(40, Math.abs(difference)) ** 2;
  }
  return Math.sqrt(sum / BANDS);
}

const melOf = (hz: number) => 2595 * Math.log10(1 + hz / 700);
const bandOfBin = Int8Array.from({ length: WINDOW / 2 }, (_, bin) => {
  const hz = (bin * RATE_HZ) / WINDOW;
  if (hz < LOWEST_HZ || hz >= HIGHEST_HZ) return -1;
  return Math.floor(((melOf(hz) - melOf(LOWEST_HZ)) / (melOf(HIGHEST_HZ) - melOf(LOWEST_HZ))) * BANDS);
});

function bandLevels(samples: Float64Array, at: number): Float64Array {
  const [real, imaginary] = [new Float64Array(WINDOW), new Float64Array(WINDOW)];
  for (let index = 0; index < WINDOW; index += 1) {
    real[index] = (samples[at + index] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW));
  }
  fourier(real, imaginary);
  const levels = new Float64Array(BANDS);
  for (let bin = 0; bin < WINDOW / 2; bin += 1) {
    const band = bandOfBin[bin] ?? -1;
    if (band >= 0) levels[band] = (levels[band] ?? 0) + (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
  }
  return levels;
}
