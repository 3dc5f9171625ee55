const MAX_WINDOW = 8192; // at 48 kHz: bins of 5.9 Hz, narrow enough to tell a pitch that is off by one resampling ratio
const MIN_WINDOW = 256;

/** Mean power of a signal per bin, and the width of a bin. */
export interface Spectrum {
  readonly power: Float64Array;
  readonly binHz: number;
}

/** Welch's method: Hann windows, half overlapped, averaged. Undefined where there are too few samples to say anything. */
export function powerSpectrum(samples: Int16Array, sampleRateHz: number): Spectrum | undefined {
  if (samples.length < MIN_WINDOW) return undefined;
  const size = Math.min(MAX_WINDOW, 2 ** Math.floor(Math.log2(samples.length)));
  const power = new Float64Array(size / 2);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let start = 0; start + size <= samples.length; start += size / 2) {
    for (let index = 0; index < size; index += 1) {
      real[index] = ((samples[start + index] ?? 0) / 32_768) * (0.5 - 0.5 * Math.cos((2 * Math.PI * index) / size));
    }
    imaginary.fill(0);
    fourier(real, imaginary);
    for (let bin = 0; bin < power.length; bin += 1) power[bin] = (power[bin] ?? 0) + (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
  }
  return { power, binHz: sampleRateHz / size };
}

/** Radix-2 FFT in place, of a power of two values. */
export function fourier(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  for (let index = 1, reversed = 0; index < size; index += 1) {
    let bit = size >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) {
      [real[index], real[reversed]] = [real[reversed] ?? 0, real[index] ?? 0];
      [imaginary[index], imaginary[reversed]] = [imaginary[reversed] ?? 0, imaginary[index] ?? 0];
    }
  }
  for (let length = 2; length <= size; length *= 2) {
    const half = length / 2;
    for (let offset = 0; offset < half; offset += 1) {
      const cosine = Math.cos((-2 * Math.PI * offset) / length);
      const sine = Math.sin((-2 * Math.PI * offset) / length);
      for (let even = offset; even < size; even += length) {
        const odd = even + half;
        const oddReal = (real[odd] ?? 0) * cosine - (imaginary[odd] ?? 0) * sine;
        const oddImaginary = (real[odd] ?? 0) * sine + (imaginary[odd] ?? 0) * cosine;
        real[odd] = (real[even] ?? 0) - oddReal;
        imaginary[odd] = (imaginary[even] ?? 0) - oddImaginary;
        real[even] = (real[even] ?? 0) + oddReal;
        imaginary[even] = (imaginary[even] ?? 0) + oddImaginary;
      }
    }
  }
}
