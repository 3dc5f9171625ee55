import type { EncodedCapture, EncodedPacket } from "@roomtone/core";
import { FileRecording, type FileRecordingParts, lookaheadSamples } from "./file-recording.js";
import { silentPackets } from "./silent-packets.js";

const SAMPLES_PER_MS = 48;

/** Packets on their way into a file, as they are. Where packets are missing, or while it is muted, silent ones stand in their place. */
export class PacketRecording extends FileRecording<EncodedPacket> {
  readonly #channels: 1 | 2;
  readonly #preSkip: number;
  /** End of the last packet by the capture's clock. */
  #endUs: number | undefined;
  /** Of gaps so far, what no packet is short enough for: carried on, so that many gaps do not add up to an error. */
  #restSamples = 0;
  #lostSamples = 0;

  constructor(parts: FileRecordingParts<EncodedPacket>, { format: { channels }, settings }: EncodedCapture) {
    const preSkip = lookaheadSamples(settings?.application ?? "audio");
    super(parts, { channels, preSkip });
    this.#channels = channels;
    this.#preSkip = preSkip;
  }

  protected override get durationMs(): number {
    return Math.max(0, this.writtenSamples - this.#preSkip) / SAMPLES_PER_MS;
  }

  protected override get lostMs(): number {
    return this.#lostSamples / SAMPLES_PER_MS;
  }

  protected override itemMs({ durationUs }: EncodedPacket): number {
    return durationUs / 1000;
  }

  protected override async take(packet: EncodedPacket, muted: boolean): Promise<void> {
    const { payload, timestampUs, durationUs, discontinuity } = packet;
    if (discontinuity && this.#endUs !== undefined) await this.#fill(Math.max(0, timestampUs - this.#endUs));
    this.#endUs = timestampUs + durationUs;
    const samples = toSamples(durationUs);
    if (muted) await this.#silence(samples);
    else await this.write(payload, samples);
  }

  /** The pre-skip is cut off at the beginning, and a file that holds no more than it would not open. */
  protected override async finish(): Promise<number> {
    if (this.writtenSamples < this.#preSkip) await this.#silence(960);
    return this.writtenSamples - this.#preSkip;
  }

  async #fill(gapUs: number): Promise<void> {
    const wanted = this.#restSamples + (gapUs * SAMPLES_PER_MS) / 1000;
    const filled = await this.#silence(wanted);
    this.#restSamples = wanted - filled;
    this.#lostSamples += filled;
  }

  /** Silence of that length, as far as whole packets go. */
  async #silence(samples: number): Promise<number> {
    let filled = 0;
    for (const packet of silentPackets(samples, this.#channels)) {
      await this.write(packet.payload, packet.samples);
      filled += packet.samples;
    }
    return filled;
  }
}

function toSamples(durationUs: number): number {
  return Math.round((durationUs * SAMPLES_PER_MS) / 1000);
}
