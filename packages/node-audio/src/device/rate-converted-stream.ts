import { Resampler } from "@roomtone/core";
import { FRAMES_PER_BLOCK, SAMPLE_RATE_HZ } from "./device-protocol.js";
import type { PortAudioStream } from "./portaudio.js";

/** A device that runs at a rate of its own, as a stream of 48 kHz. Costs some 2 ms of latency and, in mono, about 2 % of a core. */
export class RateConvertedStream implements PortAudioStream {
  readonly #stream: PortAudioStream;
  readonly #channels: number;
  readonly #nativeBlockBytes: number;
  readonly #toRoom: Resampler;
  readonly #toDevice: Resampler;
  #converted: Buffer = Buffer.alloc(0);

  constructor(stream: PortAudioStream, deviceRateHz: number, channels: number) {
    this.#stream = stream;
    this.#channels = channels;
    this.#nativeBlockBytes = nativeFramesPerBlock(deviceRateHz) * channels * 2;
    this.#toRoom = new Resampler({ inputRateHz: deviceRateHz, outputRateHz: SAMPLE_RATE_HZ, channels });
    this.#toDevice = new Resampler({ inputRateHz: SAMPLE_RATE_HZ, outputRateHz: deviceRateHz, channels });
  }

  start(): void {
    this.#stream.start();
  }

  async read(bytes: number): Promise<{ readonly buf?: Buffer; readonly finished?: boolean }> {
    while (this.#converted.length < bytes) {
      const { buf, finished } = await this.#stream.read(this.#nativeBlockBytes);
      if (finished || !buf) return { finished: finished ?? false };
      this.#converted = Buffer.concat([this.#converted, convert(this.#toRoom, buf, this.#channels)]);
    }
    const block = this.#converted.subarray(0, bytes);
    this.#converted = this.#converted.subarray(bytes);
    return { buf: block };
  }

  async write(block: Buffer): Promise<unknown> {
    const converted = convert(this.#toDevice, block, this.#channels);
    return converted.length > 0 ? this.#stream.write(converted) : undefined;
  }

  quit(how: "ABORT" | "WAIT"): Promise<void> {
    return this.#stream.quit(how);
  }
}

/** 10 ms of a device's own frames; of a rate that is no multiple of 100, a little less. */
export function nativeFramesPerBlock(deviceRateHz: number): number {
  return Math.floor((deviceRateHz * FRAMES_PER_BLOCK) / SAMPLE_RATE_HZ);
}

/** Interleaved int16 to interleaved int16. */
function convert(resampler: Resampler, bytes: Buffer, channels: number): Buffer {
  const frames = bytes.length / 2 / channels;
  const planes = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: frames }, (_, frame) => bytes.readInt16LE((frame * channels + channel) * 2)),
  );
  const converted = resampler.push(planes);
  const output = Buffer.allocUnsafe((converted[0]?.length ?? 0) * channels * 2);
  converted.forEach((plane, channel) => {
    plane.forEach((sample, frame) => {
      const clipped = Math.max(-32_768, Math.min(32_767, Math.round(sample)));
      output.writeInt16LE(clipped, (frame * channels + channel) * 2);
    });
  });
  return output;
}
