import type { AbortSignalLike } from "./abort.js";
import type { AudioFormat, AudioFrame } from "./audio.js";
import type { OpusSettings } from "./encode.js";
import type { RoomtoneError } from "./errors.js";

/** What a capture reads from. */
export interface CaptureSource {
  readonly kind: "microphone" | "file" | "stream" | "tone" | "melody" | "custom";
  /** For people: a device's or a file's name. May come from a stranger: escape it before a terminal shows it. */
  readonly label: string;
}

/** What happens to a live capture besides its audio. */
export type CaptureEvent =
  /** The device stopped delivering. The capture keeps looking for it, or for the default one. */
  | { readonly type: "device-lost"; readonly deviceName: string }
  /** Audio flows again after `device-lost`, perhaps from another device. */
  | { readonly type: "device-restored"; readonly deviceName: string; readonly fallback: boolean; readonly gapMs: number };

/** How a consumer's queue behaves when the consumer is too slow: throw away the oldest audio, or make the producer wait. */
export type OverflowPolicy = "drop-oldest" | "wait";

/** An open source of audio. Only its opener closes it: unpublishing, or a room's end, never does. */
export interface AudioCapture {
  readonly source: CaptureSource;
  readonly format: AudioFormat;
  /** Calls `listener` for each event until the returned function is called. */
  on(listener: (event: CaptureEvent) => void): () => void;
  /** Releases the device or file and ends every consumer's iteration. Idempotent; every caller awaits the same release. */
  close(): Promise<void>;
}

export interface FramesOptions {
  /** Ends the iteration (without an error) when aborted. */
  readonly signal?: AbortSignalLike;
  /** Longest backlog kept for this consumer, in milliseconds of audio. Default 200; a recorder asks for more. */
  readonly capacityMs?: number;
}

/**
 * One consumer's view of a capture: a bounded queue of its own. It begins at the newest frame, ends normally when
 * the source is at its end or closed, and throws a `RoomtoneError` where the source failed. Leaving the loop releases the queue only.
 */
export interface FrameStream extends AsyncIterableIterator<AudioFrame> {
  /** Frames that this consumer lost because it was too slow. */
  readonly droppedFrames: number;
  return(): Promise<IteratorResult<AudioFrame>>;
}

/** A capture that delivers PCM in frames of 10 ms. */
export interface PcmCapture extends AudioCapture {
  readonly overflow: OverflowPolicy;
  /** A new, independent consumer. After the capture's end it ends at once. */
  frames(options?: FramesOptions): FrameStream;
}

/** The part of the platform's `MediaStreamTrack` that contracts speak of. */
export interface MediaTrackLike {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly readyState: "live" | "ended";
}

/** A capture that is a `MediaStreamTrack` (browser). */
export interface TrackCapture extends AudioCapture {
  /** The live track. It changes when a device is healed or switched. */
  readonly track: MediaTrackLike;
  /** Calls `listener` with each new `track` until the returned function is called. */
  onTrack(listener: (track: MediaTrackLike) => void): () => void;
  /** Resolves when the capture is closed or its source is at its end (`undefined`), or with why no healing brought it back. Never rejects. */
  readonly ended: Promise<RoomtoneError | undefined>;
}

/** One encoded packet of audio. */
export interface EncodedPacket {
  readonly codec: "opus";
  readonly payload: Uint8Array;
  /** Microseconds on the same clock as `AudioFrame.timestampUs`. */
  readonly timestampUs: number;
  readonly durationUs: number;
  /** Audio is missing before this packet. */
  readonly discontinuity: boolean;
  /** Loudness of its audio as RFC 6464 wants it: 0 is full scale, 127 silence. Absent where nobody measured it: a server then sees no speaker. */
  readonly levelDbov?: number;
}

/** One consumer's view of an encoded capture: as `FrameStream`, in packets. */
export interface PacketStream extends AsyncIterableIterator<EncodedPacket> {
  /** Packets that this consumer lost because it was too slow. */
  readonly droppedPackets: number;
  return(): Promise<IteratorResult<EncodedPacket>>;
}

/** A capture that is encoded already: its packets reach the room as they are. */
export interface EncodedCapture extends AudioCapture {
  readonly codec: "opus";
  readonly overflow: OverflowPolicy;
  /** What the packets are made with, where that is known. */
  readonly settings?: OpusSettings;
  /** A new, independent consumer. After the capture's end it ends at once. */
  packets(options?: FramesOptions): PacketStream;
}

/** What can be published. Which of the three a driver takes is the driver's to say (`unsupported`). */
export type PublishableCapture = PcmCapture | TrackCapture | EncodedCapture;

export function isPcmCapture(capture: AudioCapture): capture is PcmCapture {
  return typeof (capture as Partial<PcmCapture>).frames === "function";
}

export function isTrackCapture(capture: AudioCapture): capture is TrackCapture {
  return typeof (capture as Partial<TrackCapture>).track === "object";
}

export function isEncodedCapture(capture: AudioCapture): capture is EncodedCapture {
  return typeof (capture as Partial<EncodedCapture>).packets === "function";
}
