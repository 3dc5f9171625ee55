/**
 * Level, silence, clipping and talking, measured on the audio thread. This file is loaded by URL into an AudioWorklet: it imports
 * nothing, and nothing imports it. It posts one `MeterMeasurement` an interval, and `ended` when the meter
 * has told it to stop.
 */

interface MeterSettings {
  readonly intervalMs: number;
  /** Root mean square below which it is silence, of full scale. */
  readonly silenceLevel: number;
  readonly silenceAfterMs: number;
  /** How far above the background it has to be, and for how long, to be talking. */
  readonly talkingRatio: number;
  readonly talkingAfterMs: number;
  readonly talkingHoldMs: number;
  readonly clippingHoldMs: number;
}

/** A sample at or past this is cut off by any converter after it. */
const CLIPPED = 0.999;
/** Louder than a quiet room's noise: nothing below it is talking. */
const LEAST_TALKING_LEVEL = 0.006;
/** The background follows what gets quieter at once, and what gets louder slowly: a sentence does not become background. */
const BACKGROUND_RISE_MS = 15_000;

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof MeterProcessor): void;

class MeterProcessor extends AudioWorkletProcessor {
  readonly #settings: MeterSettings;
  readonly #intervalFrames: number;
  #frames = 0;
  #energy = 0;
  #samples = 0;
  #peak = 0;
  #clippedSamples = 0;
  #background = -1;
  #quietMs = 0;
  #loudMs = 0;
  #talkingLeftMs = 0;
  #clippingLeftMs = 0;
  #ended = false;

  constructor({ processorOptions }: { processorOptions: MeterSettings }) {
    super();
    // Whatever the meter says, it says once, and it means that it is closed.
    this.port.onmessage = () => {
      this.#ended = true;
    };
    this.#settings = processorOptions;
    this.#intervalFrames = Math.max(128, Math.round((processorOptions.intervalMs * sampleRate) / 1000));
  }

  process([channels = []]: Float32Array[][]): boolean {
    if (this.#ended) {
      this.port.postMessage("ended");
      return false;
    }
    for (const samples of channels) {
      for (const sample of samples) {
        const size = Math.abs(sample);
        this.#energy += size * size;
        if (size > this.#peak) this.#peak = size;
        if (size >= CLIPPED) this.#clippedSamples += 1;
      }
      this.#samples += samples.length;
    }
    // A source that has ended delivers no channels: time goes on, in silence.
    this.#frames += channels[0]?.length ?? 128;
    if (this.#frames >= this.#intervalFrames) this.#post();
    return true;
  }

  #post(): void {
    const elapsedMs = (this.#frames * 1000) / sampleRate;
    const level = this.#samples > 0 ? Math.sqrt(this.#energy / this.#samples) : 0;
    const { silenceLevel, silenceAfterMs, clippingHoldMs } = this.#settings;
    this.#quietMs = level < silenceLevel ? this.#quietMs + elapsedMs : 0;
    this.#clippingLeftMs = this.#clippedSamples > 1 ? clippingHoldMs : Math.max(0, this.#clippingLeftMs - elapsedMs);
    this.port.postMessage({
      level,
      peak: Math.min(1, this.#peak),
      silent: this.#quietMs >= silenceAfterMs,
      clipping: this.#clippingLeftMs > 0,
      talking: this.#hearTalking(level, elapsedMs),
    });
    this.#frames = 0;
    this.#energy = 0;
    this.#samples = 0;
    this.#peak = 0;
    this.#clippedSamples = 0;
  }

  #hearTalking(level: number, elapsedMs: number): boolean {
    const { talkingRatio, talkingAfterMs, talkingHoldMs } = this.#settings;
    const loud = level > Math.max(LEAST_TALKING_LEVEL, this.#background * talkingRatio);
    if (this.#background < 0 || level < this.#background) this.#background = Math.min(level, LEAST_TALKING_LEVEL);
    else this.#background += (level - this.#background) * Math.min(1, elapsedMs / BACKGROUND_RISE_MS);
    this.#loudMs = loud ? this.#loudMs + elapsedMs : 0;
    if (this.#loudMs >= talkingAfterMs) this.#talkingLeftMs = talkingHoldMs;
    else if (!loud) this.#talkingLeftMs = Math.max(0, this.#talkingLeftMs - elapsedMs);
    return this.#talkingLeftMs > 0;
  }
}

registerProcessor("roomtone-meter", MeterProcessor);
