import { powerSpectrum } from "./spectrum.js";

/** Where a mono signal is measured. Pick one channel of a stereo signal with `channelOf`. */
export interface MeasureToneOptions {
  readonly sampleRateHz: number;
  /** The tone that should be there. */
  readonly frequencyHz: number;
  /** How far from `frequencyHz` energy still counts as the tone. Default 20, and never less than three bins of the spectrum. */
  readonly toleranceHz?: number;
}

export interface ToneMeasurement {
  /** Share of the signal's energy at the tone, 0 to 1. A clean tone through Opus is above 0.95; silence is 0. */
  readonly purity: number;
  /** RMS of everything against full scale: a sine of amplitude 1 is at -3. Silence is `-Infinity`. */
  readonly levelDbfs: number;
  /** The strongest frequency, to about 1 Hz; NaN in silence. */
  readonly dominantHz: number;
}

/** How much of `samples` (mono) is a tone of `frequencyHz`. Needs some 5 ms; 200 ms and more give the stated precision. */
export function measureTone(samples: Int16Array, options: MeasureToneOptions): ToneMeasurement {
  const levelDbfs = 20 * Math.log10(rms(samples) / 32_768);
  const spectrum = powerSpectrum(samples, options.sampleRateHz);
  const total = spectrum?.power.reduce((sum, value) => sum + value, 0) ?? 0;
  if (!spectrum || total === 0) return { purity: 0, levelDbfs, dominantHz: Number.NaN };

  const { power, binHz } = spectrum;
  const toleranceHz = Math.max(options.toleranceHz ?? 20, 3 * binHz);
  let near = 0;
  let strongest = 1;
  power.forEach((value, bin) => {
    if (Math.abs(bin * binHz - options.frequencyHz) <= toleranceHz) near += value;
    if (bin > 0 && value > (power[strongest] ?? 0)) strongest = bin;
  });
  return { purity: near / total, levelDbfs, dominantHz: (strongest + peakOffset(power, strongest)) * binHz };
}

export interface Gap {
  readonly startMs: number;
  readonly durationMs: number;
}

export interface FindGapsOptions {
  readonly sampleRateHz: number;
  /** Shorter holes are not told. At least 5. */
  readonly minGapMs: number;
  /** How far below the signal's usual level counts as missing. Default 20. */
  readonly thresholdDb?: number;
  /** Also report silence before the first and after the last sound. Default false: a subscriber hears silence until the track begins. */
  readonly includeEdges?: boolean;
}

const WINDOW_MS = 5; // longer than a period of any tone worth testing with, shorter than any gap worth hearing

/** Holes in a continuous mono signal. Where nothing is to be heard at all, the whole is one gap. */
export function findGaps(samples: Int16Array, options: FindGapsOptions): Gap[] {
  const window = Math.round((WINDOW_MS * options.sampleRateHz) / 1000);
  const perMs = options.sampleRateHz / 1000;
  const levels = windowLevels(samples, window);
  if (levels.length === 0) return [];
  const usual = percentile(levels, 0.75);
  if (usual === 0) return [{ startMs: 0, durationMs: samples.length / perMs }];
  const threshold = usual * 10 ** (-(options.thresholdDb ?? 20) / 20);

  const gaps: Gap[] = [];
  let start: number | undefined;
  for (let index = 0; index <= levels.length; index += 1) {
    const quiet = index < levels.length && (levels[index] ?? 0) < threshold;
    if (quiet) {
      start ??= index;
      continue;
    }
    if (start === undefined) continue;
    const atEdge = start === 0 || index === levels.length;
    const durationMs = (index - 1 - start + window) / perMs;
    if (durationMs >= options.minGapMs && (options.includeEdges || !atEdge)) gaps.push({ startMs: start / perMs, durationMs });
    start = undefined;
  }
  return gaps;
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** RMS of the window that begins at each sample. Integer sums, so that the running sum is exact. */
function windowLevels(samples: Int16Array, window: number): Float64Array {
  const levels = new Float64Array(Math.max(0, samples.length - window + 1));
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) {
    sum += (samples[index] ?? 0) ** 2;
    if (index >= window) sum -= (samples[index - window] ?? 0) ** 2;
    if (index >= window - 1) levels[index - window + 1] = Math.sqrt(sum / window);
  }
  return levels;
}

function percentile(values: Float64Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

/** Where between bins a peak lies, by a parabola through the logarithms: within a hundredth of a bin for a Hann window. */
function peakOffset(power: Float64Array, peak: number): number {
  const [before, at, after] = [peak - 1, peak, peak + 1].map((bin) => Math.log(Math.max(power[bin] ?? 0, 1e-30))) as [
    number,
    number,
    number,
  ];
  const curvature = before - 2 * at + after;
  return curvature === 0 ? 0 : (0.5 * (before - after)) / curvature;
}
