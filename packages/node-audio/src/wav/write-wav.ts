import { basename } from "node:path";
import type { Writable } from "node:stream";
import { type AbortSignalLike, type AudioFormat, type AudioFrame, RoomtoneError, toRoomtoneError, withChannels } from "@roomtone/core";
import { isReaderGone, writeError } from "./output-errors.js";
import { RecordingStop } from "./recording-stop.js";
import { WavFile, WavPipe, type WavSink } from "./wav-sink.js";

const MAX_GAP_S = 3600; // a timestamp that jumps by more is a mistake, not an hour of silence

export interface WriteWavOptions {
  /** Aborting ends the recording: what was written is completed, and the promise resolves. */
  readonly signal?: AbortSignalLike;
  /** Of the WAV; the frames' channels are mixed to it. Default 48 kHz mono. */
  readonly format?: AudioFormat;
  /** Missing audio becomes silence, so that the file is as long as the time was, or is left out. Default: `silence` for a path, `skip` for a stream. */
  readonly gaps?: "silence" | "skip";
}

export interface WrittenWav {
  readonly durationMs: number;
  /** Why it ended. `reader-closed`: whoever read the pipe has gone, which is no failure. */
  readonly reason: "source-ended" | "aborted" | "reader-closed";
}

/**
 * Writes `frames` as a 16-bit WAV until they end. Frames are taken as fast as the output takes them: how many wait is their queue's to say.
 *
 * A path makes a file whose header is brought up to date every second, so that it plays whatever happens to this process. A stream
 * gets a header of unknown length, as sox and ffmpeg expect it in a pipe, at once with the first audio; it is not ended: it is the caller's.
 * @throws RoomtoneError `output-unwritable`, `disk-full`; what `frames` throws, after completing the file; `invalid-settings` for frames of another rate
 */
export async function writeWav(
  frames: AsyncIterable<AudioFrame>,
  output: string | Writable,
  options: WriteWavOptions = {},
): Promise<WrittenWav> {
  const { signal, format = { sampleRateHz: 48_000, channels: 1 } } = options;
  const toPath = typeof output === "string";
  const label = toPath ? basename(output) || output : "the output";
  const details = toPath ? { path: output } : {};
  const gaps = options.gaps ?? (toPath ? "silence" : "skip");
  const sink = toPath ? await WavFile.open(output, format).catch(rethrow) : new WavPipe(output, format);
  function rethrow(error: unknown): never {
    throw writeError(error, label, details);
  }

  const recording = new Recording(sink, format, gaps === "silence");
  const stop = new RecordingStop(signal, toPath ? undefined : output);
  const iterator = frames[Symbol.asyncIterator]();
  let reason: WrittenWav["reason"] = "source-ended";
  try {
    for (;;) {
      const next = await stop.unless(iterator.next().catch(failedSource));
      if (typeof next === "string") {
        reason = next;
        break;
      }
      if (next.done) break;
      // A reader that has stopped reading must not keep an abort waiting; a file takes what it is given.
      const added = recording.add(next.value);
      const stopped = await (sink.mayStall ? stop.unless(added) : added);
      if (stopped) {
        reason = stopped;
        break;
      }
    }
    if (reason !== "reader-closed") await (sink.mayStall ? stop.unless(sink.close()) : sink.close());
  } catch (error) {
    await sink.close().catch(() => {});
    if (error instanceof SourceFailure) throw toRoomtoneError(error.cause);
    if (!isReaderGone(error) || toPath) throw writeError(error, label, details);
    reason = "reader-closed";
  } finally {
    stop.release();
    // Not awaited: a source that never answers must not hold up the end.
    void Promise.resolve(iterator.return?.()).catch(() => {});
  }
  return { durationMs: recording.durationMs, reason };
}

class SourceFailure extends Error {}

function failedSource(cause: unknown): never {
  throw new SourceFailure("source failed", { cause });
}

/** Samples in one format, with or without silence for what is missing. */
class Recording {
  readonly #sink: WavSink;
  readonly #format: AudioFormat;
  readonly #fillGaps: boolean;
  #frames = 0;
  #expectedUs: number | undefined;

  constructor(sink: WavSink, format: AudioFormat, fillGaps: boolean) {
    this.#sink = sink;
    this.#format = format;
    this.#fillGaps = fillGaps;
  }

  get durationMs(): number {
    return (this.#frames * 1000) / this.#format.sampleRateHz;
  }

  async add(frame: AudioFrame): Promise<undefined> {
    const { sampleRateHz, channels } = this.#format;
    if (frame.format.sampleRateHz !== sampleRateHz) {
      throw new RoomtoneError("invalid-settings", `A WAV of ${sampleRateHz} Hz takes no frames of ${frame.format.sampleRateHz} Hz.`);
    }
    const gapUs = frame.discontinuity && this.#fillGaps && this.#expectedUs !== undefined ? frame.timestampUs - this.#expectedUs : 0;
    const { samples } = withChannels(frame, channels);
    this.#expectedUs = frame.timestampUs + ((samples.length / channels) * 1_000_000) / sampleRateHz;
    if (gapUs > 0 && gapUs <= MAX_GAP_S * 1_000_000) await this.#silence(Math.round((gapUs * sampleRateHz) / 1_000_000));
    await this.#put(samples);
  }

  /** A second at a time: an hour of silence is never in memory. */
  async #silence(frames: number): Promise<void> {
    for (let left = frames; left > 0; left -= this.#format.sampleRateHz) {
      await this.#put(new Int16Array(Math.min(left, this.#format.sampleRateHz) * this.#format.channels));
    }
  }

  async #put(samples: Int16Array): Promise<void> {
    await this.#sink.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)); // Node runs on little-endian machines
    this.#frames += samples.length / this.#format.channels;
  }
}
