import type { Readable } from "node:stream";
import { type AbortSignalLike, type EncodedCapture, whenAborted } from "@roomtone/core";
import { ByteReader } from "../decoders/byte-reader.js";
import { readError } from "../decoders/input-errors.js";
import { OggOpusPacketReader } from "../decoders/ogg-opus-packets.js";
import { EncodedPacedCapture } from "./encoded-paced-capture.js";
import { positionedPackets } from "./positioned-packets.js";
import { chunksOf, destroy } from "./stream-chunks.js";

const TOLERANCE_MS = 20; // more than that without audio is a gap in a live source

export interface OpenEncodedStreamOptions {
  /** Default "stream". */
  readonly label?: string;
  /** Aborting rejects the opening with the signal's reason, and lets go of the stream. An open capture is closed by `close` alone. */
  readonly signal?: AbortSignalLike;
}

/**
 * Opens a readable stream of Ogg Opus (standard input, a socket, a child's output) to be published as it is, as `openEncodedFile`
 * does with a file. Resolves when its header was read. Faster than real time, the stream is held back; slower, it passes as it comes,
 * marked discontinuous after every gap of more than 20 ms. The stream is the capture's: `close` destroys it.
 * @throws RoomtoneError `input-unreadable` where it is no Ogg Opus, or fails; `unsupported` for more than two channels
 */
export async function openEncodedStream(readable: Readable, options: OpenEncodedStreamOptions = {}): Promise<EncodedCapture> {
  const { label = "stream", signal } = options;
  signal?.throwIfAborted();
  const release = async () => destroy(readable);
  const stopListening = whenAborted(signal, release);
  try {
    const reader = await OggOpusPacketReader.open(new ByteReader(chunksOf(readable, label)), label);
    signal?.throwIfAborted();
    return new EncodedPacedCapture({
      source: { kind: "stream", label },
      format: { sampleRateHz: 48_000, channels: reader.channels },
      read: positionedPackets(reader),
      release,
      toleranceMs: TOLERANCE_MS,
    });
  } catch (error) {
    await release();
    signal?.throwIfAborted();
    throw readError(error, label);
  } finally {
    stopListening();
  }
}
