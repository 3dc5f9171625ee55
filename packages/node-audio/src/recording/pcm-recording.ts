import { type AudioEncoder, type AudioFrame, Framer, frameDurationUs, withChannels } from "@roomtone/core";
import { FileRecording, type FileRecordingParts, lookaheadSamples } from "./file-recording.js";
import { SilenceFiller } from "./silence-filler.js";

/** PCM on its way into a file, through an encoder of its own. */
export class PcmRecording extends FileRecording<AudioFrame> {
  readonly #encoder: AudioEncoder;
  readonly #framer: Framer;
  readonly #filler = new SilenceFiller();
  readonly #preSkip: number;
  #recordedSamples = 0;

  constructor(parts: FileRecordingParts<AudioFrame>, encoder: AudioEncoder) {
    const { channels, frameDurationMs, application } = encoder.settings;
    const preSkip = lookaheadSamples(application);
    super(parts, { channels, preSkip });
    this.#encoder = encoder;
    this.#preSkip = preSkip;
    this.#framer = new Framer({ format: { sampleRateHz: 48_000, channels }, frameDurationMs });
  }

  protected override get durationMs(): number {
    return this.#recordedSamples / 48;
  }

  protected override get lostMs(): number {
    return this.#filler.silenceMs;
  }

  protected override itemMs(frame: AudioFrame): number {
    return frameDurationUs(frame) / 1000;
  }

  protected override async take(frame: AudioFrame, muted: boolean): Promise<void> {
    const heard = muted ? { ...frame, samples: new Int16Array(frame.samples.length) } : frame;
    for (const part of this.#filler.fill(heard)) await this.#encode(withChannels(part, this.#framer.format.channels));
  }

  /** Silence pushes the last audio out of the encoder, whose output lags its input by the pre-skip; the end's position cuts it off again. */
  protected override async finish(): Promise<number> {
    const rest = this.#framer.flush();
    if (rest) await this.#write(rest);
    const { format, frameDurationMs } = this.#framer;
    while (this.writtenSamples < this.#recordedSamples + this.#preSkip) {
      const samples = new Int16Array(48 * frameDurationMs * format.channels);
      await this.#write({ format, samples, timestampUs: 0, discontinuity: false });
    }
    return this.#recordedSamples;
  }

  async #encode(frame: AudioFrame): Promise<void> {
    this.#recordedSamples += frame.samples.length / frame.format.channels;
    for (const whole of this.#framer.push(frame)) await this.#write(whole);
  }

  #write(frame: AudioFrame): Promise<void> {
    return this.write(this.#encoder.encode(frame), frame.samples.length / frame.format.channels);
  }
}
