import type { AudioSource, LocalAudioTrack, LocalTrackPublication } from "@livekit/rtc-node";
import {
  type AudioFrame,
  type DriverPublishOptions,
  isPcmCapture,
  type NetworkObservable,
  type NetworkSample,
  type PcmCapture,
  type PublishableCapture,
  type Replaceable,
  RoomtoneError,
  type TrackSource,
} from "@roomtone/core";
import { settlesWithin } from "../deadline.js";
import type { RtcNode } from "../natives/load-rtc-node.js";
import { readNetworkSample } from "./network-sample.js";
import { setTrackMuted } from "./rtc-internals.js";
import { type AudioSink, TrackFeed } from "./track-feed.js";

export const SAMPLE_RATE_HZ = 48_000;
export const CHANNELS = 1;
const FRAME_SAMPLES = 480;

/** The room tells us of our own mute within milliseconds; while it is away it may not. */
const MUTE_ECHO_MS = 1000;

/**
 * A native source and a track over it. A track belongs to one room for its life: published in two at once, it ends the
 * process when the second of them is left.
 */
export interface NativeTrack {
  readonly source: AudioSource;
  readonly track: LocalAudioTrack;
}

/** `queueSize` 0: no queue of the source's own, whose timer is not the device's. Frames of exactly 10 ms go straight to the encoder. */
export function createNativeTrack(rtc: RtcNode, name: string): NativeTrack {
  const source = new rtc.AudioSource(SAMPLE_RATE_HZ, CHANNELS, 0);
  return { source, track: rtc.LocalAudioTrack.createAudioTrack(name, source) };
}

/** What a track tells its connection. */
export interface TrackOwner {
  /** Takes the publication out of the room. Idempotent and bounded; never rejects. */
  unpublish(track: RtcPublishedTrack): Promise<void>;
  mutedByServer(track: RtcPublishedTrack, muted: boolean): void;
  /** The native source takes no more audio. */
  sourceBroke(track: RtcPublishedTrack): void;
}

/** A publication of ours in a room of rtc-node's. */
export class RtcPublishedTrack implements Replaceable, NetworkObservable {
  readonly id: string;
  readonly name: string;
  readonly source: TrackSource;
  readonly publication: LocalTrackPublication;
  readonly native: NativeTrack;
  readonly ended: TrackFeed["ended"];
  readonly #owner: TrackOwner;
  readonly #feed: TrackFeed;
  /** What was last asked for, by us or by the server. */
  #muted: boolean;
  #muting: Promise<void> = Promise.resolve();
  #onEcho: (() => void) | undefined;
  #unpublishing: Promise<void> | undefined;

  constructor(
    rtc: RtcNode,
    owner: TrackOwner,
    parts: { options: DriverPublishOptions; publication: LocalTrackPublication; native: NativeTrack; capture: PcmCapture },
  ) {
    const { trackId, name, source, muted } = parts.options;
    this.id = trackId;
    this.name = name;
    this.source = source;
    this.publication = parts.publication;
    this.native = parts.native;
    this.#owner = owner;
    this.#muted = muted;
    this.#feed = new TrackFeed(createSink(rtc, parts.native.source), muted, () => owner.sourceBroke(this));
    this.ended = this.#feed.ended;
    this.#feed.read(parts.capture);
  }

  /** Another one after a full reconnect of rtc-node's own. */
  get sid(): string {
    return this.publication.sid ?? "";
  }

  /** One change after the other, so that what the room tells of each can be told from what the server does. */
  setMuted(muted: boolean): Promise<void> {
    this.#muting = this.#muting.then(() => this.#applyMuted(muted));
    return this.#muting;
  }

  async replace(capture: PublishableCapture): Promise<void> {
    this.#feed.read(takesPcm(capture));
  }

  async networkSample(): Promise<NetworkSample> {
    return { ...(await readNetworkSample(this.native.track)), audioTakenMs: this.#feed.writtenMs };
  }

  unpublish(): Promise<void> {
    this.release();
    this.#unpublishing ??= this.#owner.unpublish(this);
    return this.#unpublishing;
  }

  /** Stops sending; the capture stays open. */
  release(): void {
    this.#feed.stop();
  }

  /** The room says that the track is muted or not: by our own doing, or the server's. */
  tellMuted(muted: boolean): void {
    // Our own mute comes back once, and a mute by the server is told twice.
    if (muted === this.#muted) {
      this.#onEcho?.();
      return;
    }
    this.#muted = muted;
    this.#feed.muted = muted;
    this.#owner.mutedByServer(this, muted);
  }

  async #applyMuted(muted: boolean): Promise<void> {
    if (muted === this.#muted || this.#unpublishing) return;
    this.#muted = muted;
    if (muted) this.#feed.muted = true; // a muted track that is fed still sends fifty packets of silence a second
    const echo = new Promise<void>((resolve) => {
      this.#onEcho = resolve;
    });
    setTrackMuted(this.native.track, muted);
    this.#feed.muted = muted;
    await settlesWithin(echo, MUTE_ECHO_MS);
    this.#onEcho = undefined;
  }
}

/** @throws RoomtoneError `unsupported` */
export function takesPcm(capture: PublishableCapture): PcmCapture {
  if (isPcmCapture(capture) && capture.format.sampleRateHz === SAMPLE_RATE_HZ) return capture;
  throw new RoomtoneError("unsupported", "The driver rtc publishes PCM of 48 kHz and nothing else: it encodes by itself.");
}

function createSink(rtc: RtcNode, source: AudioSource): AudioSink {
  return {
    channels: CHANNELS,
    write: async ({ samples }: AudioFrame) => {
      if (samples.length !== FRAME_SAMPLES * CHANNELS) {
        throw new RoomtoneError("invalid-settings", `A capture delivers frames of 10 ms: ${FRAME_SAMPLES} samples, not ${samples.length}.`);
      }
      // The native side reads from the beginning of the buffer, wherever a view into it begins.
      const whole = samples.byteLength === samples.buffer.byteLength ? samples : samples.slice();
      await source.captureFrame(new rtc.AudioFrame(whole, SAMPLE_RATE_HZ, CHANNELS, FRAME_SAMPLES));
    },
  };
}
