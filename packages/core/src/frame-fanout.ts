import { whenAborted } from "./abort.js";
import type { AudioFrame } from "./audio.js";
import type { FrameStream, FramesOptions, OverflowPolicy } from "./capture.js";
import { RoomtoneError } from "./errors.js";
import { FrameQueue } from "./frame-queue.js";

const FRAME_MS = 10;
const DEFAULT_CAPACITY_MS = 200; // past this, stale live audio is worse than a gap

/** One producer's frames of 10 ms, given to any number of consumers, each with a bounded queue of its own. */
export class FrameFanout {
  readonly overflow: OverflowPolicy;
  readonly #consumers = new Set<Consumer>();
  #end: { error: unknown } | "normal" | undefined;
  #wakeProducer: Array<() => void> = [];

  constructor(overflow: OverflowPolicy) {
    this.overflow = overflow;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Whether `end` was called: nothing more reaches anybody. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /**
   * A new consumer, from the next frame on. After the end it ends at once, with the same error where there was one.
   * Aborting `options.signal` is leaving: what is still queued goes.
   * @throws RoomtoneError `invalid-settings` where `capacityMs` is no positive number
   */
  open(options: FramesOptions = {}): FrameStream {
    const consumer = new Consumer(this.overflow, capacityOf(options), () => {
      this.#consumers.delete(consumer);
      stopListening();
    });
    let stopListening = () => {};
    this.#consumers.add(consumer);
    if (this.#end) consumer.end(this.#end === "normal" ? undefined : this.#end);
    if (options.signal?.aborted) void consumer.return();
    else stopListening = whenAborted(options.signal, () => void consumer.return());
    this.#wake();
    return consumer;
  }

  /**
   * Gives `frame` to every consumer now. A full `drop-oldest` queue loses its oldest frame, a full `wait` queue this one;
   * either is counted, and the next frame that the consumer gets is marked discontinuous.
   */
  push(frame: AudioFrame): void {
    for (const consumer of this.#consumers) consumer.push(frame);
  }

  /** Resolves when every consumer has room (at once where there is none), or after the end. */
  async room(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.room()));
  }

  /** Resolves when there is a consumer, or after the end. */
  async consumer(): Promise<void> {
    while (this.#consumers.size === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => this.#wakeProducer.push(resolve));
    }
  }

  /** Ends every iteration after what is queued; with `failure`, by throwing its error. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#end) return;
    this.#end = failure ?? "normal";
    for (const consumer of this.#consumers) consumer.end(failure);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakeProducer.splice(0)) wake();
  }
}

/** One consumer: a queue whose every loss, at either end, is counted and marked. */
class Consumer implements FrameStream {
  readonly #queue: FrameQueue<AudioFrame>;
  #refused = 0;
  #lostBeforeNext = false;

  constructor(overflow: OverflowPolicy, capacity: number, onReturn: () => void) {
    this.#queue = new FrameQueue({ capacity, overflow, onReturn, afterLoss: markDiscontinuity });
  }

  get droppedFrames(): number {
    return this.#queue.dropped + this.#refused;
  }

  push(frame: AudioFrame): void {
    if (this.#queue.done) return;
    const accepted = this.#queue.push(this.#lostBeforeNext ? markDiscontinuity(frame) : frame);
    this.#lostBeforeNext = !accepted;
    if (!accepted) this.#refused += 1;
  }

  room(): Promise<void> {
    return this.#queue.room();
  }

  end(failure: { readonly error: unknown } | undefined): void {
    if (failure) this.#queue.fail(failure.error);
    else this.#queue.end();
  }

  next(): Promise<IteratorResult<AudioFrame>> {
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<AudioFrame>> {
    return this.#queue.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function markDiscontinuity(frame: AudioFrame): AudioFrame {
  return frame.discontinuity ? frame : { ...frame, discontinuity: true };
}

function capacityOf({ capacityMs = DEFAULT_CAPACITY_MS }: FramesOptions): number {
  if (!(capacityMs > 0) || !Number.isFinite(capacityMs)) {
    throw new RoomtoneError("invalid-settings", `capacityMs is a positive number of milliseconds, not ${capacityMs}.`, {
      setting: "capacityMs",
    });
  }
  return Math.max(1, Math.round(capacityMs / FRAME_MS));
}
