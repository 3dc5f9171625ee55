/** RTP's clock for Opus, whatever the encoder's rate. */
const TICKS_PER_MS = 48;
/**
 * A shorter gap is lateness: a stall of this process, a source that paused. Timestamps go on without it, and a receiver sees packets that
 * come late, to which it stretches; told of missing time instead, it keeps its buffer short and leaves the same hole at each stall.
 */
const SMALLEST_GAP_US = 400_000;

export interface RtpTime {
  /** Of the packet's first sample: 32 bits, wrapping. */
  readonly timestamp: number;
  /** The first packet after silence: receivers may adjust their buffer here. */
  readonly marker: boolean;
}

/** Timestamps for RTP from capture times: they advance by the audio's length, and by what is missing where it is no short stall. */
export class RtpClock {
  #next: number;
  #expectedUs: number | undefined;
  #marker = true;

  constructor(first: number) {
    this.#next = first >>> 0;
  }

  /** The time of a packet; the clock moves past it. */
  take(timestampUs: number, durationUs: number): RtpTime {
    const gapUs = this.#expectedUs === undefined ? 0 : timestampUs - this.#expectedUs;
    if (gapUs > SMALLEST_GAP_US) {
      this.#advance(gapUs);
      this.#marker = true;
    }
    const time = { timestamp: this.#next, marker: this.#marker };
    this.#advance(durationUs);
    this.#expectedUs = timestampUs + durationUs;
    this.#marker = false;
    return time;
  }

  /** As `take` for a packet that is not sent: time goes on, and the next one that is sent has the marker. */
  skip(timestampUs: number, durationUs: number): void {
    this.take(timestampUs, durationUs);
    this.#marker = true;
  }

  /** Another source follows, on a clock of its own, after `pauseUs` without audio. */
  restart(pauseUs: number): void {
    if (this.#expectedUs !== undefined) this.#advance(Math.max(0, pauseUs));
    this.#expectedUs = undefined;
    this.#marker = true;
  }

  #advance(durationUs: number): void {
    this.#next = (this.#next + Math.round((durationUs * TICKS_PER_MS) / 1000)) % 0x1_0000_0000;
  }
}
