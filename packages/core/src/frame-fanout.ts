import { whenAborted } from "./abort.js";
import type { AudioFrame } from "./audio.js";
import type { FrameStream, FramesOptions, OverflowPolicy } from "./capture.js";
import { FrameQueue } from "./frame-queue.js";

const FRAME_MS = 10;
const DEFAULT_CAPACITY_MS = 200; // past this, stale live audio is worse than a gap

/** One producer's frames of 10 ms, given to any number of consumers, each with a bounded queue of its own. */
export class FrameFanout {
  readonly overflow: OverflowPolicy;
  readonly #consumers = new Set<FrameQueue<AudioFrame>>();
  #end: { error: unknown } | "normal" | undefined;
  #wakeProducer: Array<() => void> = [];

  constructor(overflow: OverflowPolicy) {
    this.overflow = overflow;
  }

  get consumerCount(): number {
    return this.#consumers.size;
  }

  /** A new consumer, from the next frame on. After the end it ends at once, with the same error where there was one. */
  open(options: FramesOptions = {}): FrameStream {
    const capacity = Math.max(1, Math.round((options.capacityMs ?? DEFAULT_CAPACITY_MS) / FRAME_MS));
    const queue: FrameQueue<AudioFrame> = new FrameQueue({
      capacity,
      overflow: this.overflow,
      onReturn: () => {
        this.#consumers.delete(queue);
        stopListening();
      },
    });
    this.#consumers.add(queue);
    const stopListening = whenAborted(options.signal, () => queue.end());
    if (this.#end === "normal") queue.end();
    else if (this.#end) queue.fail(this.#end.error);
    for (const wake of this.#wakeProducer.splice(0)) wake();
    return new MarkingStream(queue);
  }

  /** Gives `frame` to every consumer now. A full `drop-oldest` queue loses its oldest frame; a full `wait` queue loses this one. */
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
    for (const consumer of this.#consumers) {
      if (failure) consumer.fail(failure.error);
      else consumer.end();
    }
    for (const wake of this.#wakeProducer.splice(0)) wake();
  }
}

/** A queue's frames, with `discontinuity` set on the first one after a loss. */
class MarkingStream implements FrameStream {
  readonly #queue: FrameQueue<AudioFrame>;
  #droppedBefore = 0;

  constructor(queue: FrameQueue<AudioFrame>) {
    this.#queue = queue;
  }

  get droppedFrames(): number {
    return this.#queue.dropped;
  }

  async next(): Promise<IteratorResult<AudioFrame>> {
    const result = await this.#queue.next();
    const dropped = this.#queue.dropped;
    if (result.done || dropped === this.#droppedBefore) return result;
    this.#droppedBefore = dropped;
    return { done: false, value: { ...result.value, discontinuity: true } };
  }

  return(): Promise<IteratorResult<AudioFrame>> {
    return this.#queue.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
