import { type AbortControllerLike, type AbortSignalLike, type RoomDriver, RoomtoneError, type Runtime } from "@roomtone/core";
import { FakeAborts } from "./fake-abort.js";
import { FakeDriver, type FakeDriverOptions } from "./fake-driver.js";
import { FakeServer } from "./fake-server.js";
import { VirtualClock } from "./virtual-clock.js";

export interface FakeRuntimeOptions extends FakeDriverOptions {
  /** In [0, 1). Default: always 0.5. */
  readonly random?: () => number;
}

/** A platform in memory: virtual time, one fake server, one fake driver, and counters of what is left open. */
export class FakeRuntime implements Runtime {
  readonly clock = new VirtualClock();
  readonly server = new FakeServer(this.clock);
  readonly fakeDriver: FakeDriver;
  readonly aborts = new FakeAborts();
  /** When each probe began, in milliseconds. */
  readonly probeTimesMs: number[] = [];
  readonly #random: () => number;

  constructor(options: FakeRuntimeOptions = {}) {
    this.fakeDriver = new FakeDriver(this.server, options);
    this.#random = options.random ?? (() => 0.5);
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  wallClockMs(): number {
    return this.server.wallClockMs();
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    return this.clock.setTimer(callback, delayMs);
  }

  createAbortController(): AbortControllerLike {
    return this.aborts.create();
  }

  random(): number {
    return this.#random();
  }

  async probe(_url: string, signal: AbortSignalLike): Promise<boolean> {
    this.probeTimesMs.push(this.clock.nowMs());
    await this.server.answering(signal);
    return this.server.isUp;
  }

  driver(name: string): RoomDriver {
    if (name !== "auto" && name !== this.fakeDriver.name) throw new RoomtoneError("usage", `There is no driver called ${name}.`);
    return this.fakeDriver;
  }
}

export function createFakeRuntime(options: FakeRuntimeOptions = {}): FakeRuntime {
  return new FakeRuntime(options);
}
