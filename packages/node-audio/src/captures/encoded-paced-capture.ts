import {
  type AudioFormat,
  type CaptureEvent,
  type CaptureSource,
  type EncodedCapture,
  type FramesOptions,
  PacketFanout,
  type PacketStream,
  toRoomtoneError,
} from "@roomtone/core";
import { type PaceClock, systemPaceClock } from "./pace-clock.js";

/** A packet at its place in audio at rest. */
export interface PositionedPacket {
  readonly payload: Uint8Array;
  readonly positionUs: number;
  readonly durationUs: number;
  readonly discontinuity: boolean;
}

export interface EncodedPacedCaptureOptions {
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  /** Positions only grow. Undefined at the end. One call at a time. */
  read(): Promise<PositionedPacket | undefined>;
  /** Called once, at the end or by `close`; ends a pending `read`, whose result does not matter then. */
  release(): Promise<void>;
  /** How late a packet may be and still be followed on schedule. Later, the schedule moves and the packet is marked discontinuous. */
  readonly toleranceMs: number;
  readonly clock?: PaceClock;
}

/** Plays packets at rest in real time, by absolute deadlines, from the first consumer on; while there is none it stands still. */
export class EncodedPacedCapture implements EncodedCapture {
  readonly codec = "opus";
  readonly overflow = "wait";
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  readonly #options: EncodedPacedCaptureOptions;
  readonly #clock: PaceClock;
  readonly #fanout = new PacketFanout("wait");
  readonly #finished: Promise<void>;
  #release: Promise<void> | undefined;
  #interrupt = () => {};

  constructor(options: EncodedPacedCaptureOptions) {
    this.#options = options;
    this.source = options.source;
    this.format = options.format;
    this.#clock = options.clock ?? systemPaceClock;
    this.#finished = this.#run();
  }

  on(_listener: (event: CaptureEvent) => void): () => void {
    return () => {}; // packets at rest are lost by nobody
  }

  packets(options?: FramesOptions): PacketStream {
    return this.#fanout.open(options);
  }

  async close(): Promise<void> {
    this.#endWith();
    await this.#letGo();
    await this.#finished;
  }

  async #run(): Promise<void> {
    try {
      let startMs: number | undefined;
      for (;;) {
        await this.#fanout.consumer();
        const packet = this.#fanout.ended ? undefined : await this.#options.read();
        if (!packet || this.#fanout.ended) break;
        let { discontinuity } = packet;
        const positionMs = packet.positionUs / 1000;
        startMs ??= this.#clock.nowMs() - positionMs;
        await this.#waitUntil(startMs + positionMs);
        await this.#listener();
        const lateMs = this.#clock.nowMs() - (startMs + positionMs);
        if (lateMs > this.#options.toleranceMs) {
          startMs += lateMs;
          discontinuity = true;
        }
        const { payload, durationUs } = packet;
        const timestampUs = Math.round((startMs + positionMs) * 1000);
        this.#fanout.push({ codec: "opus", payload, timestampUs, durationUs, discontinuity });
      }
      this.#endWith();
    } catch (error) {
      this.#endWith({
        error: toRoomtoneError(error, "input-unreadable", "The file is damaged or cut short: see whether another player plays it."),
      });
    } finally {
      await this.#letGo().catch(() => {}); // a failure to do so is told by `close`
    }
  }

  /** Until somebody listens and everybody has room: what was read is not lost on nobody. */
  async #listener(): Promise<void> {
    do {
      await this.#fanout.consumer();
      await this.#fanout.room();
    } while (this.#fanout.consumerCount === 0 && !this.#fanout.ended);
  }

  #letGo(): Promise<void> {
    this.#release ??= this.#options.release();
    return this.#release;
  }

  #endWith(failure?: { readonly error: unknown }): void {
    this.#fanout.end(failure);
    this.#interrupt();
  }

  #waitUntil(dueMs: number): Promise<void> {
    const delayMs = dueMs - this.#clock.nowMs();
    if (delayMs <= 0 || this.#fanout.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(resolve, delayMs);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
    });
  }
}
