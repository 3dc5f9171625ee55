import { whenAborted } from "./abort.js";
import type { FramesOptions, OverflowPolicy } from "./capture.js";
import { RoomtoneError } from "./errors.js";
import { FrameQueue } from "./frame-queue.js";

const DEFAULT_CAPACITY_MS = 200; // past this, stale live audio is worse than a gap

/** What can be given to many: it says where something is missing before it. */
export interface FanoutItem {
  readonly discontinuity: boolean;
}

export interface FanoutConsumerOptions<Item> {
  readonly overflow: OverflowPolicy;
  readonly capacityMs: number;
  readonly durationMs: (item: Item) => number;
  readonly onReturn: () => void;
}

/** One producer's audio, given to any number of consumers, each with a bounded queue of its own. */
export abstract class Fanout<Item extends FanoutItem, Consumer extends FanoutConsumer<Item>> {
  readonly overflow: OverflowPolicy;
  readonly #consumers = new Set<Consumer>();
  #end: { error: unknown } | "normal" | undefined;
  #wakeProducer: Array<() => void> = [];

  constructor(overflow: OverflowPolicy) {
    this.overflow = overflow;
  }

  protected abstract durationMs(item: Item): number;
  protected abstract createConsumer(options: FanoutConsumerOptions<Item>): Consumer;

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** Whether `end` was called: nothing more reaches anybody. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /**
   * A new consumer, from the next item on. After the end it ends at once, with the same error where there was one.
   * Aborting `options.signal` is leaving: what is still queued goes.
   * @throws RoomtoneError `invalid-settings` where `capacityMs` is no positive number
   */
  open(options: FramesOptions = {}): Consumer {
    const consumer: Consumer = this.createConsumer({
      overflow: this.overflow,
      capacityMs: capacityOf(options),
      durationMs: (item) => this.durationMs(item),
      onReturn: () => {
        this.#consumers.delete(consumer);
        stopListening();
        this.#wake();
      },
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
   * Gives `item` to every consumer now. A full `drop-oldest` queue loses its oldest item, a full `wait` queue this one;
   * either is counted, and the next item that the consumer gets is marked discontinuous.
   */
  push(item: Item): void {
    for (const consumer of this.#consumers) consumer.push(item);
  }

  /** Resolves when every consumer has room (at once where there is none), or after the end. */
  async room(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.room()));
  }

  /** Resolves when there is a consumer, or after the end. */
  async consumer(): Promise<void> {
    while (this.#consumers.size === 0 && this.#end === undefined) await this.#change();
  }

  /** Resolves when there is no consumer any more, or after the end. */
  async idle(): Promise<void> {
    while (this.#consumers.size > 0 && this.#end === undefined) await this.#change();
  }

  /** Ends every iteration after what is queued; with `failure`, by throwing its error. */
  end(failure?: { readonly error: unknown }): void {
    if (this.#end) return;
    this.#end = failure ?? "normal";
    for (const consumer of this.#consumers) consumer.end(failure);
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakeProducer.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakeProducer.splice(0)) wake();
  }
}

/** One consumer: a queue whose every loss, at either end, is counted and marked. */
export class FanoutConsumer<Item extends FanoutItem> implements AsyncIterableIterator<Item> {
  readonly #queue: FrameQueue<Item>;
  #refused = 0;
  #lostBeforeNext = false;

  constructor({ overflow, capacityMs, durationMs, onReturn }: FanoutConsumerOptions<Item>) {
    this.#queue = new FrameQueue({ capacity: capacityMs, sizeOf: durationMs, overflow, onReturn, afterLoss: markDiscontinuity });
  }

  protected get dropped(): number {
    return this.#queue.dropped + this.#refused;
  }

  push(item: Item): void {
    if (this.#queue.done) return;
    const accepted = this.#queue.push(this.#lostBeforeNext ? markDiscontinuity(item) : item);
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

  next(): Promise<IteratorResult<Item>> {
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<Item>> {
    return this.#queue.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function markDiscontinuity<Item extends FanoutItem>(item: Item): Item {
  return item.discontinuity ? item : { ...item, discontinuity: true };
}

function capacityOf({ capacityMs = DEFAULT_CAPACITY_MS }: FramesOptions): number {
  if (!(capacityMs > 0) || !Number.isFinite(capacityMs)) {
    throw new RoomtoneError("invalid-settings", `capacityMs is a positive number of milliseconds, not ${capacityMs}.`, {
      setting: "capacityMs",
    });
  }
  return Math.max(1, Math.round(capacityMs));
}
