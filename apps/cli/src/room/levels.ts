import { LevelMeter, type PcmCapture } from "@roomtone/core";
import type { MeterReading } from "../screen/meter.js";

/** Watches how loud a capture is, through a consumer of its own. */
export class CaptureLevel {
  readonly #meter = new LevelMeter();
  readonly #stream;
  readonly #done: Promise<void>;

  /** Starts at the capture's newest frame. Open it when the publication is live: a file waits for its first consumer. */
  constructor(capture: PcmCapture) {
    this.#stream = capture.frames();
    this.#done = this.#watch();
  }

  get reading(): MeterReading {
    return this.#meter.reading;
  }

  async close(): Promise<void> {
    await this.#stream.return();
    await this.#done;
  }

  async #watch(): Promise<void> {
    try {
      for await (const frame of this.#stream) this.#meter.push(frame);
    } catch {
      // The publication reports what the capture failed with.
    }
  }
}
