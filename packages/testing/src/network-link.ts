import { seededRandom } from "./seeded-random.js";
import type { TestTime } from "./virtual-clock.js";

/** What one direction of a network does to packets. */
export interface LinkConditions {
  /** Share of the packets lost at random, 0 to 1. */
  readonly lossShare: number;
  /** How long each packet is on its way. */
  readonly delayMs: number;
  /** Up to so much more, evenly spread. Packets keep their order, as on nearly every real path. */
  readonly jitterMs: number;
  /** What the link carries, in bits a second of UDP payload. Infinity: no limit. A queue that has formed drains at the rate under which it came. */
  readonly rateBps: number;
  /** How much waits while the link is busy; what comes on top is dropped. At 40 kbit/s, 10,000 bytes are 2 s. */
  readonly queueBytes: number;
  /** Drops everything, what is on its way too. */
  readonly cut: boolean;
}

/** A path that changes nothing. */
export const clearLink: LinkConditions = {
  lossShare: 0,
  delayMs: 0,
  jitterMs: 0,
  rateBps: Number.POSITIVE_INFINITY,
  queueBytes: 64_000,
  cut: false,
};

/** Packets since the link was opened: those that came in, and what became of them. What is in no count yet is on its way. */
export interface LinkCounters {
  readonly packets: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  /** Lost at random. */
  readonly lost: number;
  /** Dropped because the queue was full. */
  readonly overflowed: number;
  /** Dropped by the cut. */
  readonly cut: number;
}

/** One direction of a network, whose conditions change while it carries packets. */
export class NetworkLink {
  readonly #time: TestTime;
  readonly #random: () => number;
  readonly #timers = new Set<() => void>();
  #conditions = clearLink;
  #counters = { packets: 0, bytes: 0, delivered: 0, deliveredBytes: 0, lost: 0, overflowed: 0, cut: 0 };
  #freeAtMs = Number.NEGATIVE_INFINITY;
  #newestDueMs = Number.NEGATIVE_INFINITY;

  constructor(time: TestTime, seed: number) {
    this.#time = time;
    this.#random = seededRandom(seed);
  }

  get conditions(): LinkConditions {
    return this.#conditions;
  }

  get counters(): LinkCounters {
    return { ...this.#counters };
  }

  /** How long a packet that comes now would wait before the link is free. */
  get queueMs(): number {
    return Math.max(0, this.#freeAtMs - this.#time.nowMs());
  }

  /** From the next packet on; what is not named stays. */
  change(conditions: Partial<LinkConditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  carry(byteLength: number, deliver: () => void): void {
    const { lossShare, delayMs, jitterMs, rateBps, queueBytes, cut } = this.#conditions;
    this.#counters.packets += 1;
    this.#counters.bytes += byteLength;
    if (cut) {
      this.#counters.cut += 1;
      return;
    }
    // Drawn for each packet whatever the conditions are: the same packets are lost at the same seed.
    const draw = this.#random();
    const jitter = this.#random();
    const nowMs = this.#time.nowMs();
    const limited = Number.isFinite(rateBps);
    if (limited && (this.queueMs * rateBps) / 8000 + byteLength > queueBytes) {
      this.#counters.overflowed += 1;
      return;
    }
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (limited ? (byteLength * 8000) / rateBps : 0);
    if (draw < lossShare) {
      this.#counters.lost += 1;
      return;
    }
    this.#newestDueMs = Math.max(this.#newestDueMs, this.#freeAtMs + delayMs + jitter * jitterMs);
    const arrive = () => {
      if (this.#conditions.cut) {
        this.#counters.cut += 1;
        return;
      }
      this.#counters.delivered += 1;
      this.#counters.deliveredBytes += byteLength;
      deliver();
    };
    if (this.#newestDueMs <= nowMs) {
      arrive();
      return;
    }
    const cancel = this.#time.setTimer(() => {
      this.#timers.delete(cancel);
      arrive();
    }, this.#newestDueMs - nowMs);
    this.#timers.add(cancel);
  }

  /** What is on its way never arrives. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }
}
