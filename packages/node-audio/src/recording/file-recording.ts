import { randomInt } from "node:crypto";
import { FrameQueue, type Lifetime, type OverflowPolicy, toRoomtoneError } from "@roomtone/core";
import { OggOpusWriter, type OggOpusWriterOptions } from "./ogg-opus-writer.js";
import type { Recording, RecordingStatistics } from "./record-to-file.js";
import type { RecordingFile } from "./recording-file.js";

/** A recorder is patient: a disk may stall for seconds, and what is lost beyond that becomes counted silence. */
export const QUEUE_MS = 10_000;

interface RecordedItem {
  readonly discontinuity: boolean;
}

/** What is read until it ends, or is left. */
export interface RecordedStream<Item> extends AsyncIterable<Item> {
  return(): Promise<unknown>;
}

export interface FileRecordingParts<Item> {
  readonly path: string;
  readonly file: RecordingFile;
  readonly stream: RecordedStream<Item>;
  /** The capture's. */
  readonly overflow: OverflowPolicy;
}

/** Takes a stream into a file, item by item. What an item becomes is the subclass's. */
export abstract class FileRecording<Item extends RecordedItem> implements Recording {
  readonly path: string;
  ended: Promise<void> = Promise.resolve();
  readonly #stream: RecordedStream<Item>;
  readonly #overflow: OverflowPolicy;
  readonly #file: RecordingFile;
  readonly #writer: OggOpusWriter;
  /** Each item with whether it was muted when it came, which is not when it is written. */
  readonly #queue: FrameQueue<{ readonly item: Item; readonly muted: boolean }>;
  #muted = false;
  #writtenSamples = 0;
  #bytesWritten = 0;

  constructor({ path, file, stream, overflow }: FileRecordingParts<Item>, format: Omit<OggOpusWriterOptions, "serialNumber">) {
    this.path = path;
    this.#stream = stream;
    this.#overflow = overflow;
    this.#file = file;
    this.#writer = new OggOpusWriter({ ...format, serialNumber: randomInt(2 ** 32) });
    this.#queue = new FrameQueue({
      capacity: QUEUE_MS,
      sizeOf: ({ item }) => this.itemMs(item),
      overflow,
      afterLoss: ({ item, muted }) => ({ item: { ...item, discontinuity: true }, muted }),
    });
  }

  protected abstract itemMs(item: Item): number;
  /** Turns `item`, or silence in its place, into packets. */
  protected abstract take(item: Item, muted: boolean): Promise<void>;
  /** The last packets; resolves with the samples that a player is to play. */
  protected abstract finish(): Promise<number>;
  protected abstract readonly durationMs: number;
  protected abstract readonly lostMs: number;

  get statistics(): RecordingStatistics {
    return { durationMs: this.durationMs, lostMs: this.lostMs, bytesWritten: this.#bytesWritten };
  }

  get muted(): boolean {
    return this.#muted;
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
  }

  begin(): Promise<void> {
    return this.#append(this.#writer.header());
  }

  /** Starts the work; `lifetime` is released at its end. */
  run(lifetime: Lifetime): void {
    this.ended = this.#record()
      .finally(() => this.#queue.return()) // where the file takes nothing any more, nobody waits for it
      .finally(() => lifetime.close())
      .catch((error: unknown) => {
        throw toRoomtoneError(error);
      });
    this.ended.catch(() => {}); // who awaits `ended` is told
  }

  async close(): Promise<void> {
    await this.#stream.return();
    await this.ended.catch(() => {});
  }

  /** Samples in packets so far. */
  protected get writtenSamples(): number {
    return this.#writtenSamples;
  }

  protected async write(packet: Uint8Array, samples: number): Promise<void> {
    this.#writtenSamples += samples;
    await this.#append(this.#writer.push(packet, samples));
  }

  async #record(): Promise<void> {
    void this.#listen();
    let failure: { readonly error: unknown } | undefined;
    for (;;) {
      const next = await this.#queue.next().catch((error: unknown) => {
        failure = { error };
      });
      if (!next || next.done) break;
      await this.take(next.value.item, next.value.muted);
    }
    await this.#append(this.#writer.end(await this.finish())); // a capture that failed still leaves a complete file
    if (failure) throw failure.error;
  }

  async #listen(): Promise<void> {
    try {
      for await (const item of this.#stream) {
        if (this.#overflow === "wait") await this.#queue.room();
        this.#queue.push({ item, muted: this.#muted });
      }
      this.#queue.end();
    } catch (error) {
      this.#queue.fail(error);
    }
  }

  async #append(pages: Uint8Array): Promise<void> {
    if (pages.byteLength === 0) return;
    await this.#file.append(pages);
    this.#bytesWritten += pages.byteLength;
  }
}

/** What `OPUS_GET_LOOKAHEAD` answers at 48 kHz in libopus 1.3: 2.5 ms, and 4 ms of delay compensation outside of low-delay mode. */
export function lookaheadSamples(application: "voip" | "audio" | "restricted-lowdelay"): number {
  return application === "restricted-lowdelay" ? 120 : 312;
}
