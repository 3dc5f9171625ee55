import type { Readable } from "node:stream";
import { type AbortSignalLike, type PcmCapture, RoomtoneError, whenAborted } from "@roomtone/core";
import { ByteReader } from "../decoders/byte-reader.js";
import type { Decoder } from "../decoders/decoder.js";
import { readError, unreadable } from "../decoders/input-errors.js";
import { openDecoder, recognise } from "../decoders/open-decoder.js";
import { PcmDecoder } from "../decoders/pcm-decoder.js";
import { DecodedAudio } from "./decoded-audio.js";
import { PacedCapture } from "./paced-capture.js";
import { chunksOf, destroy } from "./stream-chunks.js";

const TOLERANCE_MS = 20; // more than that without audio is a gap in a live source

export interface OpenStreamOptions {
  /** `auto` takes a WAV, Ogg Opus, MP3 or FLAC by its first bytes, and anything else for `s16le`. Default `auto`. */
  readonly format?: "auto" | "wav" | "s16le";
  /** Of `s16le`. Default 48000. */
  readonly sampleRateHz?: number;
  /** Of `s16le`. Default 1. */
  readonly channels?: 1 | 2;
  /** Default "stream". */
  readonly label?: string;
  /** Aborting rejects the opening with the signal's reason, and lets go of the stream. An open capture is closed by `close` alone. */
  readonly signal?: AbortSignalLike;
}

/**
 * Opens a readable stream (standard input, a socket, a child's output) as a capture of 48 kHz: raw little-endian 16-bit samples or
 * a WAV, in chunks of any length. Resolves with the first audio. Faster than real time, the stream is held back; slower, it passes as it
 * comes, marked discontinuous after every gap of more than 20 ms. The stream is the capture's: `close` destroys it.
 * @throws RoomtoneError `input-unreadable` where it ends without audio, fails or is of an unread kind; `invalid-settings`
 */
export async function openStream(readable: Readable, options: OpenStreamOptions = {}): Promise<PcmCapture> {
  const { format = "auto", sampleRateHz = 48_000, channels = 1, label = "stream", signal } = options;
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 1000 || sampleRateHz > 768_000) {
    throw new RoomtoneError("invalid-settings", `A sample rate is a whole number from 1000 to 768000 Hz, not ${sampleRateHz}.`, {
      setting: "sampleRateHz",
    });
  }
  signal?.throwIfAborted();
  const closeInput = async () => destroy(readable);
  const stopListening = whenAborted(signal, closeInput);
  let decoder: Decoder | undefined;
  try {
    const reader = new ByteReader(chunksOf(readable, label));
    decoder = await decoderOf(reader, format, label, () => PcmDecoder.raw(reader, "s16", sampleRateHz, channels, label));
    const firstBlock = await decoder.read();
    signal?.throwIfAborted();
    if (!firstBlock) throw unreadable(label, "ended without any audio. Check the program that writes it.");
    const output = { sampleRateHz: 48_000, channels: firstBlock.channels.length === 1 ? 1 : 2 } as const;
    const audio = new DecodedAudio({ decoder, firstBlock, channels: output.channels, closeInput });
    return new PacedCapture({ source: { kind: "stream", label }, format: output, overflow: "wait", audio, toleranceMs: TOLERANCE_MS });
  } catch (error) {
    decoder?.close();
    await closeInput();
    signal?.throwIfAborted();
    throw readError(error, label);
  } finally {
    stopListening();
  }
}

async function decoderOf(reader: ByteReader, format: "auto" | "wav" | "s16le", label: string, raw: () => Decoder): Promise<Decoder> {
  if ((await reader.peek(1)).length === 0) throw unreadable(label, "ended without any audio. Check the program that writes it.");
  if (format === "s16le") return raw();
  const container = await recognise(reader, label);
  if (container === "wav" || (container && format === "auto")) return openDecoder(reader, container, label);
  if (format === "wav") throw unreadable(label, "is no WAV. Leave the format to be recognised, or say s16le for raw samples.");
  return raw();
}
