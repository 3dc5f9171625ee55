import type { AudioFrame } from "./audio.js";

/** Milliseconds of audio in one Opus packet. */
export type OpusFrameDurationMs = 2.5 | 5 | 10 | 20 | 40 | 60;

/** Every Opus setting that Roomtone exposes. All of them change live. */
export interface OpusSettings {
  /** Target bitrate in bits per second, 6000 to 510000. */
  readonly bitrateBps: number;
  /** What the encoder optimises for. A change takes a new encoder, at a frame boundary with timestamps kept. */
  readonly application: "voip" | "audio" | "restricted-lowdelay";
  /** 0 (least CPU) to 10 (best quality at a bitrate). */
  readonly complexity: number;
  readonly frameDurationMs: OpusFrameDurationMs;
  /** In-band forward error correction: a low-bitrate copy of the previous frame. Exists in voice (SILK and hybrid) modes only. */
  readonly forwardErrorCorrection: boolean;
  /** Loss that the encoder prepares for, 0 to 100. FEC does nothing at 0. */
  readonly expectedPacketLossPercent: number;
  /** Send next to nothing during silence. */
  readonly discontinuousTransmission: boolean;
  readonly variableBitrate: boolean;
  /** Widest audio bandwidth: 4, 6, 8, 12 or 20 kHz. */
  readonly maxBandwidth: "narrowband" | "mediumband" | "wideband" | "superwideband" | "fullband";
  /** A hint about the content. */
  readonly signal: "auto" | "voice" | "music";
  /** A change takes a republish. */
  readonly channels: 1 | 2;
}

/** Turns PCM into packets. Settings out of range, or contradictory, are `invalid-settings` before any native code sees them. */
export interface AudioEncoder {
  readonly settings: OpusSettings;
  /**
   * The packet of one frame of exactly `settings.frameDurationMs` at 48 kHz with `settings.channels`: 1 to 1275 bytes, owned by the caller.
   * @throws RoomtoneError `invalid-settings` where the frame has another length, rate or channel count, or after `close`.
   */
  encode(frame: AudioFrame): Uint8Array;
  /** Takes effect on the next frame. @throws RoomtoneError `invalid-settings`, and nothing has changed. */
  reconfigure(settings: Partial<OpusSettings>): void;
  close(): void;
}
