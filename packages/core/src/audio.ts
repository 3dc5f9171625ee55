/** Sample layout of a stream of PCM: 16-bit signed integers, interleaved. */
export interface AudioFormat {
  /** Frames per second, in hertz. Rooms take 48000. */
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
}

/** One block of interleaved PCM, shared by every consumer: nobody writes to `samples`, and producers never reuse it. */
export interface AudioFrame {
  readonly format: AudioFormat;
  /** Shape `[frames × channels]` (L R L R …), int16 full scale. Always a whole buffer: `byteOffset` is 0. */
  readonly samples: Int16Array;
  /** Capture time of the first sample: microseconds on one monotonic clock that survives a device restart. */
  readonly timestampUs: number;
  /** Audio is missing before this frame. */
  readonly discontinuity: boolean;
}

/** Length of `frame` in microseconds. */
export function frameDurationUs(frame: AudioFrame): number {
  return ((frame.samples.length / frame.format.channels) * 1_000_000) / frame.format.sampleRateHz;
}
