import {
  type CaptureEvent,
  type EncodedCapture,
  type EncodedPacket,
  type FramesOptions,
  type OpusProfile,
  type OpusSettings,
  type OverflowPolicy,
  PacketFanout,
  type PacketStream,
  type PcmCapture,
  resolveOpusSettings,
  toRoomtoneError,
} from "@roomtone/core";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import { EncodingFeed, type PacketSink } from "./encoding-feed.js";

export interface EncodeOnceOptions {
  /** A base for `opus`. Default `voice`. */
  readonly profile?: OpusProfile;
  readonly opus?: Partial<OpusSettings>;
}

/** One capture's one encoder, for any number of rooms and recordings. Publish it in each of them. */
export interface SharedEncoding extends EncodedCapture {
  /** As they are now. */
  readonly settings: OpusSettings;
  /**
   * Changes them for everybody; resolves when the next packet has them.
   * @throws RoomtoneError `invalid-settings`, `unsupported` (`channels` is part of what was published)
   */
  reconfigure(settings: Partial<OpusSettings>): Promise<void>;
  /** Ends every consumer's iteration and lets the encoder go. The capture that it reads stays open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Encodes `capture` once for all who listen: each gets the same packets through a queue of its own, so that a slow room loses
 * packets of its own (a live capture's, past 200 ms; a file waits) and a muted or dead one touches nobody else's. While nobody
 * listens, nothing is encoded and the capture is not read. It ends when the capture does, with the same error where there was one.
 * @throws RoomtoneError `invalid-settings`, `native-missing`
 */
export async function encodeOnce(capture: PcmCapture, options: EncodeOnceOptions = {}): Promise<SharedEncoding> {
  const settings = resolveOpusSettings(options.profile, options.opus);
  return new EncodedForMany(capture, new EncodingFeed(await createOpusEncoder(settings)));
}

class EncodedForMany implements SharedEncoding, PacketSink {
  readonly codec = "opus";
  readonly source;
  readonly format;
  readonly overflow: OverflowPolicy;
  /** Mute belongs to a publication. */
  readonly muted = false;
  readonly #capture: PcmCapture;
  readonly #feed: EncodingFeed;
  readonly #fanout: PacketFanout;
  readonly #finished: Promise<void>;
  #encoding: AbortController | undefined;

  constructor(capture: PcmCapture, feed: EncodingFeed) {
    this.source = capture.source;
    this.format = { sampleRateHz: 48_000, channels: feed.settings.channels } as const;
    this.overflow = capture.overflow;
    this.#capture = capture;
    this.#feed = feed;
    this.#fanout = new PacketFanout(capture.overflow);
    this.#finished = this.#run();
  }

  get settings(): OpusSettings {
    return this.#feed.settings;
  }

  packets(options?: FramesOptions): PacketStream {
    return this.#fanout.open(options);
  }

  on(listener: (event: CaptureEvent) => void): () => void {
    return this.#capture.on(listener);
  }

  reconfigure(settings: Partial<OpusSettings>): Promise<void> {
    return this.#feed.reconfigure(settings, this.#encoding !== undefined);
  }

  async close(): Promise<void> {
    this.#fanout.end();
    await this.#finished;
  }

  send(packet: EncodedPacket): void {
    this.#fanout.push(packet);
  }

  skip(): void {} // it is never muted

  room(): Promise<void> {
    return this.#fanout.room();
  }

  async #run(): Promise<void> {
    try {
      while (await this.#listened()) {
        const stop = new AbortController();
        this.#encoding = stop;
        void this.#fanout.idle().then(() => stop.abort());
        await this.#feed.run(this.#capture, this, { signal: stop.signal });
        this.#encoding = undefined;
        this.#feed.rest();
        if (!stop.signal.aborted) this.#fanout.end();
      }
    } catch (error) {
      this.#fanout.end({ error: toRoomtoneError(error) });
    } finally {
      this.#feed.close();
    }
  }

  /** Waits for somebody to listen; false at the end. */
  async #listened(): Promise<boolean> {
    await this.#fanout.consumer();
    return !this.#fanout.ended;
  }
}
