import {
  type AudioEncoder,
  type EncodedCapture,
  Framer,
  type OpusSettings,
  type PcmCapture,
  RoomtoneError,
  validateOpusSettings,
  withChannels,
} from "@roomtone/core";
import { audioLevelDbov } from "./audio-level.js";
import type { OutgoingPacket } from "./rtp-output.js";

/** A packet of that size or less is DTX's "nothing to say": it is not sent. */
const DTX_PACKET_BYTES = 2;
/** What waits longer is dropped: after a stall of this process the newest 60 ms are sent, and the receiver stretches to them. */
const LIVE_CAPACITY_MS = 60;
/** Input that never falls together with a frame's end, as after a gap, must not put a change off for ever. */
const CHANGE_WAITS_FRAMES = 20;

/** Where packets go. */
export interface PacketSink {
  /** While muted nothing is encoded: time is skipped. */
  readonly muted: boolean;
  send(packet: OutgoingPacket): void;
  skip(timestampUs: number, durationUs: number): void;
}

/** Sends the packets of an encoded capture as they are, until its end or the signal. */
export async function feedEncoded(capture: EncodedCapture, sink: PacketSink, signal: AbortSignal): Promise<void> {
  for await (const packet of capture.packets({ signal })) {
    if (signal.aborted) return;
    if (sink.muted) sink.skip(packet.timestampUs, packet.durationUs);
    else sink.send(packet);
  }
}

/** One encoder's way from PCM to packets, over any number of captures. Its settings change between two frames. */
export class EncodingFeed {
  readonly #encoder: AudioEncoder;
  #framer: Framer;
  #change: { readonly settings: Partial<OpusSettings>; readonly settle: (error?: unknown) => void; waited: number } | undefined;

  constructor(encoder: AudioEncoder) {
    this.#encoder = encoder;
    this.#framer = this.#createFramer();
  }

  get settings(): OpusSettings {
    return this.#encoder.settings;
  }

  /** Encodes `capture` until its end (what is begun is completed with silence) or the signal. */
  async run(capture: PcmCapture, sink: PacketSink, signal: AbortSignal): Promise<void> {
    const capacity = capture.overflow === "drop-oldest" ? { capacityMs: LIVE_CAPACITY_MS } : {};
    this.#framer = this.#createFramer();
    for await (const frame of capture.frames({ signal, ...capacity })) {
      if (signal.aborted) return;
      for (const framed of this.#framer.push(withChannels(frame, this.settings.channels))) this.#encode(framed, sink);
      this.#applyChange(sink);
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
    const payload = this.#encoder.encode(frame);
    if (this.settings.discontinuousTransmission && payload.length <= DTX_PACKET_BYTES) sink.skip(frame.timestampUs, durationUs);
    else sink.send({ payload, timestampUs: frame.timestampUs, durationUs, levelDbov: audioLevelDbov(frame.samples) });
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
