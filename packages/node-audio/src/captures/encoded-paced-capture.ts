import {
  type AudioFormat,
  type CaptureEvent,
  type CaptureSource,
  type EncodedCapture,
  type EncodedPacket,
  FrameQueue,
  type FramesOptions,
  toRoomtoneError,
  whenAborted,
} from "@roomtone/core";
import { type PaceClock, systemPaceClock } from "./pace-clock.js";

/** At the shortest packets of 2.5 ms, 200 ms: who is slower makes the file wait. */
const QUEUE_PACKETS = 80;

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
  /** Called once, at the end or by `close`. */
  release(): Promise<void>;
  /** How late a packet may be and still be followed on schedule. Later, the schedule moves and the packet is marked discontinuous. */
  readonly toleranceMs: number;
  readonly clock?: PaceClock;
}

/** Plays packets at rest in real time, by absolute deadlines, from the first consumer on; while there is none it stands still. */
export class EncodedPacedCapture implements EncodedCapture {
  readonly codec = "opus";
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  readonly #options: EncodedPacedCaptureOptions;
  readonly #clock: PaceClock;
  readonly #consumers = new Set<FrameQueue<EncodedPacket>>();
  readonly #finished: Promise<void>;
  #end: { readonly error?: unknown } | undefined;
  #release: Promise<void> | undefined;
  #wake = () => {};
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

  packets(options: FramesOptions = {}): AsyncIterableIterator<EncodedPacket> {
    let stopListening = () => {};
    const queue = new FrameQueue<EncodedPacket>({
      capacity: QUEUE_PACKETS,
      overflow: "wait",
      onReturn: () => {
        this.#consumers.delete(queue);
        stopListening();
      },
    });
    this.#consumers.add(queue);
    if (this.#end) finish(queue, this.#end);
    stopListening = whenAborted(options.signal, () => void queue.return());
    this.#wake();
    return queue;
  }

  async close(): Promise<void> {
    this.#endWith({});
    await this.#finished;
  }

  async #run(): Promise<void> {
    try {
      let startMs: number | undefined;
      for (;;) {
        await this.#consumer();
        const packet = this.#end ? undefined : await this.#options.read();
        if (!packet || this.#end) break;
        let { discontinuity } = packet;
        const positionMs = packet.positionUs / 1000;
        startMs ??= this.#clock.nowMs() - positionMs;
        await this.#waitUntil(startMs + positionMs);
        await Promise.all([...this.#consumers].map((queue) => queue.room())); // an ended queue has room
        const lateMs = this.#clock.nowMs() - (startMs + positionMs);
        if (lateMs > this.#options.toleranceMs) {
          startMs += lateMs;
          discontinuity = true;
        }
        const { payload, durationUs } = packet;
        const timestampUs = Math.round((startMs + positionMs) * 1000);
        for (const queue of this.#consumers) queue.push({ codec: "opus", payload, timestampUs, durationUs, discontinuity });
      }
      this.#endWith({});
    } catch (error) {
      this.#endWith({
        error: toRoomtoneError(error, "input-unreadable", "The file is damaged or cut short: see whether another player plays it."),
      });
    } finally {
      this.#release ??= this.#options.release();
      await this.#release.catch(() => {});
    }
  }

  #endWith(end: { readonly error?: unknown }): void {
    if (this.#end) return;
    this.#end = end;
    for (const queue of this.#consumers) finish(queue, end);
    this.#wake();
    this.#interrupt();
  }

  /** Resolves when there is a consumer, or at the end. */
  async #consumer(): Promise<void> {
    while (!this.#end && this.#consumers.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #waitUntil(dueMs: number): Promise<void> {
    const delayMs = dueMs - this.#clock.nowMs();
    if (delayMs <= 0 || this.#end) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(resolve, delayMs);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
    });
  }
}

function finish(queue: FrameQueue<EncodedPacket>, end: { readonly error?: unknown }): void {
  if (end.error === undefined) queue.end();
  else queue.fail(end.error);
}
