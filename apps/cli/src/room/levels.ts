import { LevelMeter, type PcmCapture } from "@roomtone/core";
import type { MeterReading } from "../screen/meter.js";

/** The bar rises at once and falls so fast, in dB per 10 ms: slower than sound, so that an eye can follow. */
const FALL_DB = 0.4;
export const SILENCE: MeterReading = { levelDbfs: -100, peakDbfs: -100, silent: false };

/** Watches how loud a capture is, through a consumer of its own. */
export class CaptureLevel {
  readonly #meter = new LevelMeter();
  readonly #stream;
  readonly #done: Promise<void>;
  #reading = SILENCE;

  /** Starts at the capture's newest frame. Open it when the publication is live: a file waits for its first consumer. */
  constructor(capture: PcmCapture) {
    this.#stream = capture.frames();
    this.#done = this.#watch();
  }

  get reading(): MeterReading {
    return this.#reading;
  }

  async close(): Promise<void> {
    await this.#stream.return();
    await this.#done;
  }

  async #watch(): Promise<void> {
    try {
      for await (const frame of this.#stream) {
        const { rmsDbfs, heldPeakDbfs, silent } = this.#meter.push(frame);
        this.#reading = { levelDbfs: Math.max(rmsDbfs, this.#reading.levelDbfs - FALL_DB), peakDbfs: heldPeakDbfs, silent };
      }
    } catch {
      // The publication reports what the capture failed with.
    }
    this.#reading = SILENCE;
  }
}
