import { basename } from "node:path";
import { type AbortSignalLike, Lifetime, type PcmCapture } from "@roomtone/core";
import { ByteReader } from "../decoders/byte-reader.js";
import { readError, unreadable } from "../decoders/input-errors.js";
import { openFileDecoder } from "../decoders/open-decoder.js";
import { DecodedAudio } from "./decoded-audio.js";
import { chunksOf, openToRead } from "./file-chunks.js";
import { PacedCapture } from "./paced-capture.js";

const TOLERANCE_MS = 60; // what a jitter buffer hides: a busy event loop is caught up with, a stall is not

export interface OpenFileOptions {
  /** Begin again at the end, without a gap, for ever. Default false. */
  readonly loop?: boolean;
  /** Aborting rejects the opening with the signal's reason. An open capture is closed by `close` alone. */
  readonly signal?: AbortSignalLike;
}

/**
 * Opens a WAV, Ogg Opus, MP3 or FLAC file, recognised by its content, as a capture of 48 kHz. Mono and stereo are kept, more
 * channels are mixed to stereo. Decoded as it plays: an hour takes no more memory than a second. Frames come in real time from
 * the first consumer on; while there is none, the file stands still, and a slow consumer makes it wait.
 *
 * A file that is damaged or cut off plays as far as it goes; then its consumers get an `input-unreadable`.
 * @throws RoomtoneError `input-unreadable` where there is no such file, it may not be read, is no audio or of an unread kind
 */
export async function openFile(path: string, options: OpenFileOptions = {}): Promise<PcmCapture> {
  const { loop = false, signal } = options;
  signal?.throwIfAborted();
  const label = basename(path) || path;
  const lifetime = new Lifetime();
  try {
    const handle = lifetime.own(await openToRead(path), (opened) => opened.close());
    const kind = await handle.stat();
    if (kind.isDirectory()) throw unreadable(label, "is a folder. Give the path of one audio file.", { path });
    if (!kind.isFile())
      throw unreadable(label, "is no regular file. Read a pipe or device as a stream: --input - < IT, or openStream.", { path });
    const openDecoder = () => openFileDecoder(new ByteReader(chunksOf(handle)), label);
    const decoder = await openDecoder();
    let owned = true;
    lifetime.defer(() => owned && decoder.close());
    const firstBlock = await decoder.read();
    if (!firstBlock) throw unreadable(label, "contains no audio. Record or download it again.");
    signal?.throwIfAborted();
    const channels = firstBlock.channels.length === 1 ? 1 : 2;
    owned = false; // from here on the audio's, which may have begun another lap
    const audio = new DecodedAudio({
      decoder,
      firstBlock,
      channels,
      closeInput: () => lifetime.close(),
      ...(loop && { again: openDecoder }),
    });
    const format = { sampleRateHz: 48_000, channels } as const;
    return new PacedCapture({ source: { kind: "file", label }, format, overflow: "wait", audio, toleranceMs: TOLERANCE_MS });
  } catch (error) {
    await lifetime.close().catch(() => {});
    signal?.throwIfAborted();
    throw readError(error, label, { path });
  }
}
