import type { OverflowPolicy } from "./capture.js";
import { RoomtoneError } from "./errors.js";

export interface FrameQueueOptions<T> {
  /** What is held at the most, in `sizeOf`'s unit; the item that passes it is still taken. A whole number, 1 or more. */
  readonly capacity: number;
  /** What an item counts for. Default: 1. */
  readonly sizeOf?: (item: T) => number;
  readonly overflow: OverflowPolicy;
  /** Called once, when the consumer leaves or the queue ends and is drained. */
  readonly onReturn?: () => void;
  /** Marks the first item after a loss: what it returns is delivered in the item's place. */
  readonly afterLoss?: (item: T) => T;
}

interface Reader<T> {
  resolve(result: IteratorResult<T>): void;
  reject(error: unknown): void;
}

/** A bounded queue between one producer's callbacks and one consumer's `for await`. Items come out in the order they went in. */
export class FrameQueue<T> implements AsyncIterableIterator<T> {
  readonly #options: FrameQueueOptions<T>;
  #items: T[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;
  #returned = false;
  #dropped = 0;
  #held = 0;
  #lostBeforeHead = false;
  #readers: Reader<T>[] = []; // waiting: only while nothing is queued
  #wakeProducers: Array<() => void> = [];

  /** @throws RoomtoneError `invalid-settings` where the capacity is no whole number of items: such a queue would have no bound. */
  constructor(options: FrameQueueOptions<T>) {
    if (!Number.isInteger(options.capacity) || options.capacity < 1) {
      throw new RoomtoneError("invalid-settings", `A queue's capacity is a whole number from 1, not ${options.capacity}.`, {
        setting: "capacity",
      });
    }
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
    const reader = this.#readers.shift();
    if (reader) {
      // Handed over now, not by waking: until its turn comes, a later read could take the item or a push could drop it.
      reader.resolve(this.#delivered(item));
      return true;
    }
    if (this.#isFull && this.#options.overflow === "wait") return false;
    while (this.#isFull) this.#drop(1);
    this.#items.push(item);
    this.#held += this.#sizeOf(item);
    return true;
  }

  /** Resolves when there is room for an item, or nothing more can be pushed. */
  async room(): Promise<void> {
    while (!this.done && this.#isFull) {
      await new Promise<void>((resolve) => this.#wakeProducers.push(resolve));
    }
  }

  /** Throws away all but the newest `keep` items, and counts them: after a stall stale audio is worse than a gap. */
  trim(keep: number): void {
    this.#drop(Math.max(0, this.#items.length - keep));
    this.#wakeAllProducers();
  }

  /** The consumer gets what is queued, then the end. */
  end(): void {
    if (this.done) return;
    this.#ended = true;
    if (this.#readers.length > 0) this.#release();
    this.#wakeAllProducers();
  }

  /** The consumer gets what is queued, then `error`. */
  fail(error: unknown): void {
    if (this.done) return;
    this.#failure = { error };
    const reader = this.#readers.shift();
    reader?.reject(error);
    if (reader) this.#release();
    this.#wakeAllProducers();
  }

  /** Reads that overlap are answered in their order. */
  async next(): Promise<IteratorResult<T>> {
    if (this.#returned) return { done: true, value: undefined };
    if (this.#items.length > 0) {
      const item = this.#items.shift() as T;
      this.#held -= this.#sizeOf(item);
      this.#wakeAllProducers();
      return this.#delivered(item);
    }
    if (this.#failure) {
      this.#release();
      throw this.#failure.error;
    }
    if (this.#ended) return this.return();
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** The consumer leaves: what is queued goes, uncounted, and producers that wait for room are let go. */
  async return(): Promise<IteratorResult<T>> {
    this.#release();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #isFull(): boolean {
    return this.#items.length > 0 && this.#held >= this.#options.capacity;
  }

  #sizeOf(item: T): number {
    return this.#options.sizeOf?.(item) ?? 1;
  }

  #delivered(item: T): IteratorResult<T> {
    const lost = this.#lostBeforeHead;
    this.#lostBeforeHead = false;
    return { done: false, value: lost && this.#options.afterLoss ? this.#options.afterLoss(item) : item };
  }

  #drop(count: number): void {
    if (count === 0) return;
    for (const item of this.#items.splice(0, count)) this.#held -= this.#sizeOf(item);
    this.#dropped += count;
    this.#lostBeforeHead = true;
  }

  #release(): void {
    if (this.#returned) return;
    this.#returned = true;
    this.#items = [];
    this.#held = 0;
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
    this.#wakeAllProducers();
    this.#options.onReturn?.();
  }

  #wakeAllProducers(): void {
    for (const wake of this.#wakeProducers.splice(0)) wake();
  }
}
