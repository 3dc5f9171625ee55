import { basename } from "node:path";
import { type AbortSignalLike, type EncodedCapture, Lifetime } from "@roomtone/core";
import { ByteReader } from "../decoders/byte-reader.js";
import { readError, unreadable } from "../decoders/input-errors.js";
import { OggOpusPacketReader } from "../decoders/ogg-opus-packets.js";
import { EncodedPacedCapture } from "./encoded-paced-capture.js";
import { chunksOf, openToRead } from "./file-chunks.js";
import { positionedPackets } from "./positioned-packets.js";

const TOLERANCE_MS = 60; // what a jitter buffer hides: a busy event loop is caught up with, a stall is not

export interface OpenEncodedFileOptions {
  /** Begin again at the end, for ever. Default false. */
  readonly loop?: boolean;
  /** Aborting rejects the opening with the signal's reason. An open capture is closed by `close` alone. */
  readonly signal?: AbortSignalLike;
}

/**
 * Opens an Ogg Opus file to be published as it is: nothing is decoded, and no quality is lost. Packets come in real time by the
 * file's granule positions, chained streams one after the other, from the first consumer on. The gain in its header is not
 * applied, because that would take decoding. The driver `opus` publishes it.
 * @throws RoomtoneError `input-unreadable` where there is no such file or it is no Ogg Opus; `unsupported` for more than two channels
 */
export async function openEncodedFile(path: string, options: OpenEncodedFileOptions = {}): Promise<EncodedCapture> {
  const { loop = false, signal } = options;
  signal?.throwIfAborted();
  const label = basename(path) || path;
  const lifetime = new Lifetime();
  try {
    const handle = lifetime.own(await openToRead(path), (opened) => opened.close());
    if (!(await handle.stat()).isFile()) throw unreadable(label, "is no regular file. Give the path of one Ogg Opus file.", { path });
    const begin = () => OggOpusPacketReader.open(new ByteReader(chunksOf(handle)), label);
    const reader = await begin();
    signal?.throwIfAborted();
    const read = positionedPackets(reader, loop ? begin : undefined);
    const format = { sampleRateHz: 48_000, channels: reader.channels } as const;
    const release = () => lifetime.close();
    return new EncodedPacedCapture({ source: { kind: "file", label }, format, read, release, toleranceMs: TOLERANCE_MS });
  } catch (error) {
    await lifetime.close().catch(() => {});
    signal?.throwIfAborted();
    throw readError(error, label, { path });
  }
}
