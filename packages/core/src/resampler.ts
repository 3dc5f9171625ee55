import { RoomtoneError } from "./errors.js";

const HALF_WIDTH = 32; // zero crossings each side: with this window a transition of 4 kHz at 44.1 kHz, which Opus' 20 kHz leaves free
const KAISER_BETA = 10; // stopband below -100 dB, which is under the noise of 16 bits
const MAX_PHASES = 1024; // beyond, phases are interpolated: their error is then below -110 dB

export interface ResamplerOptions {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  readonly channels: number;
}

/**
 * Changes the sample rate of planar float PCM with a windowed sinc (polyphase, Kaiser), for any ratio of whole rates.
 * Linear phase with the delay taken out: output sample n is the input at n × inputRate / outputRate. How the input is cut
 * into blocks changes nothing, and n input samples become exactly ceil(n × outputRate / inputRate).
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #taps: number;
  readonly #filter: Filter;
  readonly #direct: boolean;
  /** Input that later output still needs; begins with zeros, so that the first output sees the first input at its centre. */
  #history: Float32Array[];
  #read = 0;
  #written = 0;
  /** Position of the next output in the history: whole samples, and `#phase / #up` of one. */
  #position = 0;
  #phase = 0;

  /** @throws RoomtoneError `invalid-settings` where a rate is no whole number from 1000 to 768000, or there is no channel */
  constructor(options: ResamplerOptions) {
    for (const setting of ["inputRateHz", "outputRateHz"] as const) {
      const rateHz = options[setting];
      if (!Number.isInteger(rateHz) || rateHz < 1000 || rateHz > 768_000) {
        throw new RoomtoneError("invalid-settings", `A sample rate is a whole number from 1000 to 768000 Hz, not ${rateHz}.`, { setting });
      }
    }
    if (!Number.isInteger(options.channels) || options.channels < 1) {
      throw new RoomtoneError("invalid-settings", `A resampler needs at least one channel, not ${options.channels}.`, {
        setting: "channels",
      });
    }
    const divisor = greatestCommonDivisor(options.inputRateHz, options.outputRateHz);
    this.#up = options.outputRateHz / divisor;
    this.#down = options.inputRateHz / divisor;
    this.#direct = this.#up === this.#down;
    const narrowing = Math.min(1, this.#up / this.#down);
    const halfTaps = Math.ceil(HALF_WIDTH / narrowing);
    this.#taps = halfTaps * 2;
    this.#filter = this.#direct
      ? { phases: 1, coefficients: new Float32Array(0) }
      : designFilter(Math.min(this.#up, MAX_PHASES), halfTaps, narrowing);
    this.#history = Array.from({ length: options.channels }, () => new Float32Array(this.#direct ? 0 : halfTaps - 1));
  }

  /** What `block` (one array a channel, of equal length) makes possible to compute, perhaps nothing. The input is not kept. */
  push(block: readonly Float32Array[]): Float32Array[] {
    const length = block[0]?.length ?? 0;
    if (this.#direct) return block.map((channel) => channel.slice());
    this.#read += length;
    this.#history = this.#history.map((kept, channel) => joined(kept, block[channel] ?? new Float32Array(length)));
    return this.#produce(Number.POSITIVE_INFINITY);
  }

  /** The rest, as if silence followed. The resampler is then as new. */
  flush(): Float32Array[] {
    if (this.#direct) return this.#history.map(() => new Float32Array(0));
    const total = Math.ceil((this.#read * this.#up) / this.#down);
    this.#history = this.#history.map((kept) => joined(kept, new Float32Array(this.#taps)));
    const rest = this.#produce(total - this.#written);
    this.#history = this.#history.map(() => new Float32Array(this.#taps / 2 - 1));
    this.#read = this.#written = this.#position = this.#phase = 0;
    return rest;
  }

  #produce(limit: number): Float32Array[] {
    const available = (this.#history[0]?.length ?? 0) - this.#taps - this.#position;
    const possible = available < 0 ? 0 : Math.floor((available * this.#up + this.#up - 1 - this.#phase) / this.#down) + 1;
    const count = Math.max(0, Math.min(possible, limit));
    const output = this.#history.map((history) => this.#filterChannel(history, count));

    const advanced = this.#phase + count * this.#down;
    this.#position += Math.floor(advanced / this.#up);
    this.#phase = advanced % this.#up;
    this.#written += count;
    const spent = Math.min(this.#position, this.#history[0]?.length ?? 0);
    this.#history = this.#history.map((history) => history.slice(spent));
    this.#position -= spent;
    return output;
  }

  #filterChannel(history: Float32Array, count: number): Float32Array {
    const { phases, coefficients } = this.#filter;
    const taps = this.#taps;
    const exact = phases === this.#up;
    const output = new Float32Array(count);
    let position = this.#position;
    let phase = this.#phase;
    for (let index = 0; index < count; index += 1) {
      const row = exact ? phase : (phase * phases) / this.#up;
      const lower = Math.floor(row);
      let value = convolve(history, position, coefficients, lower * taps, taps);
      if (!exact) value += (row - lower) * (convolve(history, position, coefficients, (lower + 1) * taps, taps) - value);
      output[index] = value;
      phase += this.#down;
      position += Math.floor(phase / this.#up);
      phase %= this.#up;
    }
    return output;
  }
}

interface Filter {
  readonly phases: number;
  /** `phases + 1` rows of taps: row p delays by p / phases of a sample; the last one is for interpolation. */
  readonly coefficients: Float32Array;
}

function convolve(history: Float32Array, position: number, coefficients: Float32Array, row: number, taps: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps; tap += 1) sum += (history[position + tap] as number) * (coefficients[row + tap] as number);
  return sum;
}

function designFilter(phases: number, halfTaps: number, narrowing: number): Filter {
  const taps = halfTaps * 2;
  const coefficients = new Float32Array((phases + 1) * taps);
  const scale = 1 / besselI0(KAISER_BETA);
  for (let phase = 0; phase <= phases; phase += 1) {
    const row = Array.from({ length: taps }, (_, tap) => {
      const x = tap - (halfTaps - 1) - phase / phases;
      const edge = x / halfTaps;
      if (Math.abs(edge) >= 1) return 0;
      return sinc(x * narrowing) * besselI0(KAISER_BETA * Math.sqrt(1 - edge * edge)) * scale;
    });
    // Each row sums to 1, so that a constant stays one exactly and no phase is louder than another.
    const sum = row.reduce((total, value) => total + value, 0);
    row.forEach((value, tap) => {
      coefficients[phase * taps + tap] = value / sum;
    });
  }
  return { phases, coefficients };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order 0: its series, to double precision for the arguments of a Kaiser window. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-16; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
