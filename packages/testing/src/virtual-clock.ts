/** Time that an exam or a fake runs on: the real one, or a virtual one that only moves when told to. */
export interface TestTime {
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels. */
  setTimer(callback: () => void, delayMs: number): () => void;
  sleep(durationMs: number): Promise<void>;
}

/** The machine's own time. */
export function systemTime(): TestTime {
  return {
    nowMs: () => performance.now(),
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, Math.max(0, delayMs));
      return () => clearTimeout(timer);
    },
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  };
}

interface VirtualTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that stands still until it is moved, and then runs every timer in order, with all that follows from each before the next. */
export class VirtualClock implements TestTime {
  #nowMs = 0;
  #order = 0;
  readonly #timers = new Set<VirtualTimer>();

  /** Timers set and neither run nor cancelled: what a leak leaves behind. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets everything that needs no time happen. */
  async settle(): Promise<void> {
    // An immediate runs when the queue of microtasks is empty, whatever its length was.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Moves time by `durationMs`. */
  async advance(durationMs: number): Promise<void> {
    const targetMs = this.#nowMs + durationMs;
    await this.settle();
    while (await this.#runNext(targetMs));
    this.#nowMs = Math.max(this.#nowMs, targetMs);
    await this.settle();
  }

  sleep(durationMs: number): Promise<void> {
    return this.advance(durationMs);
  }

  /** Moves time as far as `promise` needs. Throws where it would wait for ever, or longer than `limitMs`. */
  async run<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let settled = false;
    const done = () => {
      settled = true;
    };
    promise.then(done, done);
    const endMs = this.#nowMs + limitMs;
    await this.settle();
    while (!settled) {
      if (!(await this.#runNext(endMs))) throw new Error(`still pending after ${limitMs} ms of virtual time, or with no timer left`);
    }
    return promise;
  }

  async #runNext(untilMs: number): Promise<boolean> {
    let next: VirtualTimer | undefined;
    for (const timer of this.#timers) {
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) next = timer;
    }
    if (!next || next.dueMs > untilMs) return false;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.callback();
    await this.settle();
    return true;
  }
}

/** Waits until `condition` holds; throws, naming `what`, after `deadlineMs`. */
export async function until(time: TestTime, what: string, condition: () => boolean | Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const endMs = time.nowMs() + deadlineMs;
  while (!(await condition())) {
    if (time.nowMs() >= endMs) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await time.sleep(20);
  }
}
