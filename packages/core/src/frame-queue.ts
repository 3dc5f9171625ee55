import type { OverflowPolicy } from "./capture.js";

export interface FrameQueueOptions {
  /** Items held at the most. */
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
  /** Called once, when the consumer leaves or the queue ends and is drained. */
  readonly onReturn?: () => void;
}

/** A bounded queue between one producer's callbacks and one consumer's `for await`. */
export class FrameQueue<T> implements AsyncIterableIterator<T> {
  readonly #options: FrameQueueOptions;
  #items: T[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;
  #returned = false;
  #dropped = 0;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducers: Array<() => void> = [];

  constructor(options: FrameQueueOptions) {
    this.#options = options;
  }

  /** Items thrown away because the consumer was slower than the producer. */
  get dropped(): number {
    return this.#dropped;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Whether nothing more can be pushed: ended, failed, or left by its consumer. */
  get done(): boolean {
    return this.#ended || this.#failure !== undefined || this.#returned;
  }

  /** Adds `item`. Full with `drop-oldest`: the oldest item goes and is counted. Full with `wait`: false, and nothing was added. */
  push(item: T): boolean {
    if (this.done) return false;
    if (this.#items.length >= this.#options.capacity) {
      if (this.#options.overflow === "wait") return false;
      this.#items.shift();
      this.#dropped += 1;
    }
    this.#items.push(item);
    this.#wakeConsumer?.();
    return true;
  }

  /** Resolves when there is room for an item, or nothing more can be pushed. */
  async room(): Promise<void> {
    while (!this.done && this.#items.length >= this.#options.capacity) {
      await new Promise<void>((resolve) => this.#wakeProducers.push(resolve));
    }
  }

  /** Throws away all but the newest `keep` items, and counts them: after a stall stale audio is worse than a gap. */
  trim(keep: number): void {
    const excess = Math.max(0, this.#items.length - keep);
    this.#items.splice(0, excess);
    this.#dropped += excess;
    this.#wakeAllProducers();
  }

  /** The consumer gets what is queued, then the end. */
  end(): void {
    if (this.done) return;
    this.#ended = true;
    this.#wakeConsumer?.();
    this.#wakeAllProducers();
  }

  /** The consumer gets what is queued, then `error`. */
  fail(error: unknown): void {
    if (this.done) return;
    this.#failure = { error };
    this.#wakeConsumer?.();
    this.#wakeAllProducers();
  }

  async next(): Promise<IteratorResult<T>> {
    for (;;) {
      if (this.#returned) return { done: true, value: undefined };
      if (this.#items.length > 0) {
        const value = this.#items.shift() as T;
        this.#wakeAllProducers();
        return { done: false, value };
      }
      if (this.#failure) {
        this.#release();
        throw this.#failure.error;
      }
      if (this.#ended) return this.return();
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve;
      });
      this.#wakeConsumer = undefined;
    }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#release();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #release(): void {
    if (this.#returned) return;
    this.#returned = true;
    this.#items = [];
    this.#wakeConsumer?.();
    this.#wakeAllProducers();
    this.#options.onReturn?.();
  }

  #wakeAllProducers(): void {
    for (const wake of this.#wakeProducers.splice(0)) wake();
  }
}
