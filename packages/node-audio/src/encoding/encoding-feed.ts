import {
  type AudioEncoder,
  type EncodedPacket,
  Framer,
  type FramesOptions,
  type OpusSettings,
  type PcmCapture,
  RoomtoneError,
  validateOpusSettings,
  withChannels,
} from "@roomtone/core";
import { audioLevelDbov } from "./audio-level.js";

/** Input that never falls together with a frame's end, as after a gap, must not put a change off for ever. */
const CHANGE_WAITS_FRAMES = 20;

/** Where packets go. */
export interface PacketSink {
  /** While muted nothing is encoded: time is skipped. */
  readonly muted: boolean;
  send(packet: EncodedPacket): void;
  skip(timestampUs: number, durationUs: number): void;
  /** Resolves when a packet more can be taken. A source that waits does so here. */
  room(): Promise<void>;
}

interface PendingChange {
  readonly settings: Partial<OpusSettings>;
  readonly settle: (error?: unknown) => void;
  /** Frames of input so far. */
  waited: number;
}

/** One encoder's way from PCM to packets, over any number of captures. Its settings change between two frames. */
export class EncodingFeed {
  readonly #encoder: AudioEncoder;
  #framer: Framer;
  #change: PendingChange | undefined;

  constructor(encoder: AudioEncoder) {
    this.#encoder = encoder;
    this.#framer = this.#createFramer();
  }

  get settings(): OpusSettings {
    return this.#encoder.settings;
  }

  /** Encodes `capture` until its end (what is begun is completed with silence) or the signal. `options` are of the frames that it reads. */
  async run(capture: PcmCapture, sink: PacketSink, options: FramesOptions & { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    this.#framer = this.#createFramer();
    for await (const frame of capture.frames(options)) {
      if (signal.aborted) return;
      for (const framed of this.#framer.push(withChannels(frame, this.settings.channels))) this.#encode(framed, sink);
      this.#applyChange(sink);
      if (capture.overflow === "wait") await sink.room();
    }
    if (signal.aborted) return;
    const last = this.#framer.flush();
    if (last) this.#encode(last, sink);
  }

  /** Resolves when the next packet has the new settings. @throws RoomtoneError `invalid-settings`, `unsupported` */
  async reconfigure(settings: Partial<OpusSettings>, isRunning: boolean): Promise<void> {
    const asked = { ...this.#change?.settings, ...settings };
    const next = validateOpusSettings({ ...this.settings, ...asked });
    if (next.channels !== this.settings.channels) {
      const message = "The number of channels is part of what was published: unpublish, and publish with the other number.";
      throw new RoomtoneError("unsupported", message, { setting: "channels" });
    }
    this.#change?.settle();
    this.#change = undefined;
    if (next.frameDurationMs === this.settings.frameDurationMs || !isRunning || this.#framer.pendingSamples === 0) {
      this.#reconfigureEncoder(asked);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
      this.#change = { settings: asked, settle, waited: 0 };
    });
  }

  /** Nothing is being encoded any more: a change that waits for a frame's end need not. */
  rest(): void {
    const change = this.#change;
    this.#change = undefined;
    if (change) this.#settle(change);
  }

  close(): void {
    this.#change?.settle();
    this.#change = undefined;
    this.#encoder.close();
  }

  #encode(frame: Parameters<AudioEncoder["encode"]>[0], sink: PacketSink): void {
    const durationUs = this.#framer.frameDurationMs * 1000;
    if (sink.muted) {
      sink.skip(frame.timestampUs, durationUs);
      return;
    }
    const { timestampUs, discontinuity } = frame;
    const payload = this.#encoder.encode(frame);
    sink.send({ codec: "opus", payload, timestampUs, durationUs, discontinuity, levelDbov: audioLevelDbov(frame.samples) });
  }

  /** At a frame's end nothing is begun, so that a new length loses nothing. */
  #applyChange(sink: PacketSink): void {
    const change = this.#change;
    if (!change) return;
    if (this.#framer.pendingSamples > 0) {
      change.waited += 1;
      if (change.waited < CHANGE_WAITS_FRAMES) return;
      const begun = this.#framer.flush();
      if (begun) this.#encode(begun, sink);
    }
    this.#change = undefined;
    this.#settle(change);
  }

  #settle(change: PendingChange): void {
    try {
      this.#reconfigureEncoder(change.settings);
      change.settle();
    } catch (error) {
      change.settle(error);
    }
  }

  #reconfigureEncoder(settings: Partial<OpusSettings>): void {
    this.#encoder.reconfigure(settings);
    if (this.#framer.frameDurationMs !== this.settings.frameDurationMs) this.#framer = this.#createFramer();
  }

  #createFramer(): Framer {
    const { channels, frameDurationMs } = this.#encoder.settings;
    return new Framer({ format: { sampleRateHz: 48_000, channels }, frameDurationMs });
  }
}
