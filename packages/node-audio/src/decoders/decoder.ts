/** A stretch of decoded audio: some 10 to 300 ms, so that decoding never holds up the event loop for long. */
export interface DecodedBlock {
  readonly sampleRateHz: number;
  /** One or two channels of equal length, planar; full scale is 1. */
  readonly channels: readonly Float32Array[];
}

/** One pass over encoded audio. */
export interface Decoder {
  /**
   * The next block, never an empty one; undefined at the end.
   * @throws RoomtoneError `input-unreadable` where the input is broken or shorter than it says, after all that could be played
   */
  read(): Promise<DecodedBlock | undefined>;
  /** Frees what the decoder holds, not its input. Idempotent. */
  close(): void;
}
