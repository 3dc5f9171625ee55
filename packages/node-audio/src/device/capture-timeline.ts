import type { AudioFormat, AudioFrame } from "@roomtone/core";
import { BLOCK_US, type CapturedBlock } from "./device-protocol.js";

/** Lateness up to here is the scheduler's; beyond, audio is missing or held up. */
const GAP_US = 20_000;
/** What is kept of a backlog: more would be latency that stays. */
const KEPT_BLOCKS = 6;
const STALE_US = KEPT_BLOCKS * BLOCK_US;
/** A backlog arrives in well under a millisecond a block: a pause of this length is its end. */
const BURST_PAUSE_US = 4_000;
/** How fast the timeline follows the device's clock: crystals differ by less than 200 parts per million. */
const MAX_DRIFT_US_PER_BLOCK = 5;
/** No block arrives before its end: one that is early shows that those before it were late. Followed fast, and no faster than is still smooth. */
const MAX_EARLY_US_PER_BLOCK = 4_000;

/**
 * Turns captured blocks into frames on one clock. A frame follows the one before it by its own length, corrected by a hair for the
 * device's drift; a gap of more than 20 ms moves the clock on and is marked. Blocks that were held up and arrive at once are thrown
 * away but for the newest 60 ms. Pure: the times come with the blocks.
 */
export class CaptureTimeline {
  readonly #format: AudioFormat;
  readonly #toFrameUs: (systemUs: number) => number;
  /** When the next block, of `#nextIndex`, is expected to end. */
  #expectedEndUs: number | undefined;
  #nextIndex = 0;
  #lastSeenIndex: number | undefined;
  #missing = false;
  #burst: CapturedBlock[] = [];
  #droppedFrames = 0;

  /** @param toFrameUs from the system's monotonic clock to that of `AudioFrame.timestampUs` */
  constructor(format: AudioFormat, toFrameUs: (systemUs: number) => number) {
    this.#format = format;
    this.#toFrameUs = toFrameUs;
  }

  /** Frames of 10 ms that arrived too late to be of use, or that the process could not send. */
  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** The next block is of another stream: its time is its own, and audio is missing before it. */
  restart(): void {
    this.#drop(this.#burst.length);
    this.#burst = [];
    this.#lastSeenIndex = undefined;
    if (this.#expectedEndUs !== undefined) this.#missing = true;
    this.#expectedEndUs = undefined;
  }

  /** The frames that are ready, of `blocks` that were read together at `nowUs` (the system's monotonic clock). */
  push(blocks: readonly CapturedBlock[], nowUs: number): AudioFrame[] {
    const frames: AudioFrame[] = [];
    for (const [position, block] of blocks.entries()) {
      this.#drop(block.index - 1 - (this.#lastSeenIndex ?? block.index - 1));
      this.#lastSeenIndex = block.index;
      // Held up in the pipe, by an event loop that stood still. The newest is kept whatever its age, so that a slow machine has sound.
      if (position < blocks.length - 1 && nowUs - block.endUs > STALE_US) {
        this.#drop(1);
        continue;
      }
      const last = this.#burst.at(-1);
      if (last && block.arrivedUs - last.arrivedUs > BURST_PAUSE_US) frames.push(...this.#settle());
      if (this.#burst.length > 0 || this.#latenessUs(block) > GAP_US) this.#hold(block);
      else frames.push(...this.#onTime(block));
    }
    return frames;
  }

  /** A late block: what was before it is missing, or follows at once. The next block tells. */
  #hold(block: CapturedBlock): void {
    this.#burst.push(block);
    if (this.#burst.length <= KEPT_BLOCKS) return;
    this.#burst.shift();
    this.#drop(1);
  }

  /** The frames of a burst that is over, on a clock that has moved on by what is missing. */
  #settle(): AudioFrame[] {
    const kept = this.#burst;
    const last = kept.at(-1);
    this.#burst = [];
    if (last && this.#latenessUs(last) > GAP_US) {
      this.#missing = true;
      this.#expectedEndUs = last.endUs - (last.index - this.#nextIndex) * BLOCK_US;
    }
    return kept.map((block) => this.#emit(block));
  }

  #onTime(block: CapturedBlock): AudioFrame[] {
    if (this.#latenessUs(block) < -STALE_US) {
      // More audio than time has passed: the rest of a backlog. It goes, and the clock with it.
      this.#drop(1);
      this.#expectedEndUs = (this.#expectedEndUs ?? 0) - BLOCK_US;
      return [];
    }
    return [this.#emit(block)];
  }

  #emit(block: CapturedBlock): AudioFrame {
    const endUs = this.#expectedFor(block);
    if (block.index > this.#nextIndex) this.#missing = true;
    const errorUs = block.endUs - endUs;
    const correctionUs = Math.max(-MAX_EARLY_US_PER_BLOCK, Math.min(MAX_DRIFT_US_PER_BLOCK, errorUs));
    this.#expectedEndUs = endUs + correctionUs + BLOCK_US;
    this.#nextIndex = block.index + 1;
    const discontinuity = this.#missing;
    this.#missing = false;
    const timestampUs = Math.round(this.#toFrameUs(endUs + correctionUs - BLOCK_US));
    return { format: this.#format, samples: block.samples, timestampUs, discontinuity };
  }

  #latenessUs(block: CapturedBlock): number {
    return block.endUs - this.#expectedFor(block);
  }

  #expectedFor(block: CapturedBlock): number {
    if (this.#expectedEndUs === undefined) {
      this.#expectedEndUs = block.endUs;
      this.#nextIndex = block.index;
    }
    return this.#expectedEndUs + (block.index - this.#nextIndex) * BLOCK_US;
  }

  #drop(blocks: number): void {
    this.#droppedFrames += blocks;
  }
}
