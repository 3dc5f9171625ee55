import {
  type AudioEncoder,
  type AudioFrame,
  type OpusSettings,
  RoomtoneError,
  resolveOpusSettings,
  validateOpusSettings,
} from "@roomtone/core";
import { loadOpus, type NativeOpus, type NativeOpusCodec } from "../natives/load-opus.js";
import { applyOpusSettings } from "./opus-requests.js";

const SAMPLE_RATE_HZ = 48_000;

/**
 * An Opus encoder (libopus) with `settings` over those of the profile `voice`.
 * @throws RoomtoneError `invalid-settings`, `native-missing`
 */
export async function createOpusEncoder(settings: Partial<OpusSettings> = {}): Promise<AudioEncoder> {
  const resolved = resolveOpusSettings("voice", settings);
  return new OpusEncoder(loadOpus(), resolved);
}

/**
 * Everything that reaches native code is checked before: libopus aborts the process over a frame of a wrong size.
 * A packet is longer than the 1275 bytes of one frame where `frameDurationMs` 40 or 60 holds several: up to 3829.
 */
class OpusEncoder implements AudioEncoder {
  readonly #native: NativeOpus;
  #settings: OpusSettings;
  /** What the codec has been told, or nothing where it is new. */
  #applied: OpusSettings | undefined;
  #codec: NativeOpusCodec | undefined;

  constructor(native: NativeOpus, settings: OpusSettings) {
    this.#native = native;
    this.#settings = settings;
    this.#codec = this.#createCodec();
  }

  get settings(): OpusSettings {
    return this.#settings;
  }

  encode(frame: AudioFrame): Uint8Array {
    const codec = this.#openCodec();
    this.#checkShape(frame);
    if (this.#applied !== this.#settings) {
      applyOpusSettings(codec, this.#settings, this.#applied);
      this.#applied = this.#settings;
    }
    const { buffer, byteOffset, byteLength } = frame.samples;
    const packet = codec.encode(Buffer.from(buffer, byteOffset, byteLength));
    return new Uint8Array(packet.buffer, packet.byteOffset, packet.byteLength);
  }

  reconfigure(settings: Partial<OpusSettings>): void {
    this.#openCodec();
    const next = { ...this.#settings, ...withoutUndefined(settings) };
    validateOpusSettings(next);
    if (next.channels !== this.#settings.channels) {
      throw new RoomtoneError("invalid-settings", "The Opus setting channels cannot change while an encoder runs: open another one.", {
        setting: "channels",
      });
    }
    // libopus takes another application before its first frame only: so this is another encoder, from the next frame on.
    if (next.application !== this.#settings.application) {
      this.#codec = this.#createCodec();
      this.#applied = undefined;
    }
    this.#settings = next;
  }

  close(): void {
    this.#codec = undefined;
  }

  #createCodec(): NativeOpusCodec {
    return new this.#native.OpusEncoder(SAMPLE_RATE_HZ, this.#settings.channels);
  }

  #openCodec(): NativeOpusCodec {
    if (!this.#codec) throw new RoomtoneError("invalid-settings", "This encoder is closed: open another one.");
    return this.#codec;
  }

  #checkShape({ format, samples }: AudioFrame): void {
    const { channels, frameDurationMs } = this.#settings;
    const frames = (SAMPLE_RATE_HZ * frameDurationMs) / 1000;
    if (format.sampleRateHz === SAMPLE_RATE_HZ && format.channels === channels && samples.length === frames * channels) return;
    throw new RoomtoneError(
      "invalid-settings",
      `This encoder takes frames of ${frameDurationMs} ms at ${SAMPLE_RATE_HZ} Hz with ${channels} channel(s), which is ${frames * channels} samples: ` +
        `not ${samples.length} samples at ${format.sampleRateHz} Hz with ${format.channels}.`,
      { setting: "frameDurationMs" },
    );
  }
}

function withoutUndefined(settings: Partial<OpusSettings>): Partial<OpusSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
