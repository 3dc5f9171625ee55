import type { RawPacket } from "@roomtone/testing/raw-subscriber";

/** What of one stream arrived. */
export interface StreamCount {
  /** Packets of the publisher, each counted once. */
  readonly received: number;
  /** Sequence numbers between the first and the last that never came. */
  readonly missing: number;
  readonly longestGapMs: number;
}

/** The server sends a second of these itself where a track is muted: the frame's bytes, then zeroes. */
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
const SILENCE_BYTES = 80;

/** Counts one stream's packets, and keeps none. */
export class StreamCounter {
  #received = 0;
  #highest = -1;
  #lastMs = 0;
  #longestGapMs = 0;
  readonly #missing = new Set<number>();
  readonly #sealed: boolean;

  /** @param sealed the payload is encrypted, and silence known by its length: nothing of the publisher's may be as long */
  constructor(sealed = false) {
    this.#sealed = sealed;
  }

  take({ sequence, arrivedMs, payload }: Pick<RawPacket, "sequence" | "arrivedMs" | "payload">): void {
    const silence = this.#sealed ? payload.length === SILENCE_BYTES : payload.subarray(0, SILENCE.length).equals(SILENCE);
    const counted = silence ? 0 : 1;
    if (this.#highest === -1) this.#highest = sequence - 1;
    else this.#longestGapMs = Math.max(this.#longestGapMs, arrivedMs - this.#lastMs);
    this.#lastMs = arrivedMs;
    // The nearest extended number: 65535 is followed by 65536.
    const extended = sequence + Math.round((this.#highest - sequence) / 0x10000) * 0x10000;
    if (extended > this.#highest) {
      for (let number = this.#highest + 1; number < extended; number += 1) this.#missing.add(number);
      this.#highest = extended;
      this.#received += counted;
    } else if (this.#missing.delete(extended)) this.#received += counted;
  }

  /** Gaps before this do not count: the stream was silent by intent. */
  resetGap(): void {
    this.#lastMs = performance.now();
    this.#longestGapMs = 0;
  }

  get count(): StreamCount {
    return { received: this.#received, missing: this.#missing.size, longestGapMs: this.#longestGapMs };
  }
}
