import { RoomtoneError } from "@roomtone/core";
import {
  BufferTarget,
  canEncodeAudio,
  MediaStreamAudioTrackSource,
  OggOutputFormat,
  Output,
  StreamTarget,
  WebMOutputFormat,
} from "mediabunny";
import { type RecordedSource, RecordingMix } from "./recording-mix.js";
import { recordingError } from "./vendor-errors.js";

export type { RecordedRoom, RecordedSource, RecordedTrack } from "./recording-mix.js";

export interface RecordingOptions {
  /** Container of the Opus audio. Default `webm`; `ogg` is what command-line tools like best. */
  readonly format?: "webm" | "ogg";
  /** Default 2. */
  readonly channels?: 1 | 2;
  /** Bits per second. Default 64000 a channel. */
  readonly bitrateBps?: number;
}

/** A recording that runs. */
export interface Recording<Result> {
  /** Of what is recorded so far. */
  readonly durationMs: number;
  /** Resolves when the recording is over: stopped or cancelled (`undefined`), or with why it broke. Never rejects. */
  readonly ended: Promise<RoomtoneError | undefined>;
  /** Writes the end and resolves with the result. Idempotent. @throws RoomtoneError `output-unwritable`, `disk-full`, `internal` */
  stop(): Promise<Result>;
  /** Throws away what was recorded. */
  cancel(): Promise<void>;
}

/**
 * Records `sources` (microphones, subscribed tracks, a `RoomAudio`), mixed, into memory: about 1 MB a minute. Longer recordings
 * go to a file. Muting a publication does not mute the recording.
 * @throws RoomtoneError `unsupported` where the browser encodes no Opus, `invalid-settings`
 */
export async function recordToBlob(sources: readonly RecordedSource[], options: RecordingOptions = {}): Promise<Recording<Blob>> {
  const target = new BufferTarget();
  return record(sources, options, target, async (mimeType) => {
    if (!target.buffer) throw new RoomtoneError("internal", "The recording has no content.");
    return new Blob([target.buffer], { type: mimeType });
  });
}

/**
 * Records into a file that the person chose (`showSaveFilePicker`), as it comes; the file has its content when `stop` resolves.
 * Where the browser has no such files, give a file name: the recording is kept in memory, and downloaded on `stop`.
 * @throws RoomtoneError as `recordToBlob`, and `output-unwritable`, `permission-denied`
 */
export async function recordToFile(
  sources: readonly RecordedSource[],
  file: FileSystemFileHandle | string,
  options: RecordingOptions = {},
): Promise<Recording<void>> {
  if (typeof file === "string") {
    const recording = await recordToBlob(sources, options);
    let saved: Promise<void> | undefined;
    const stop = () => {
      saved ??= recording.stop().then((blob) => download(blob, file));
      return saved;
    };
    return {
      get durationMs() {
        return recording.durationMs;
      },
      ended: recording.ended,
      stop,
      cancel: () => recording.cancel(),
    };
  }
  let writable: FileSystemWritableFileStream;
  try {
    writable = await file.createWritable();
  } catch (error) {
    throw recordingError(error);
  }
  const target = new StreamTarget(writable as unknown as ConstructorParameters<typeof StreamTarget>[0], { chunked: true });
  try {
    return await record(sources, options, target, async () => {});
  } catch (error) {
    await writable.abort().catch(() => {});
    throw error;
  }
}

async function record<Result>(
  sources: readonly RecordedSource[],
  { format = "webm", channels = 2, bitrateBps = 64_000 * channels }: RecordingOptions,
  target: BufferTarget | StreamTarget,
  finish: (mimeType: string) => Promise<Result>,
): Promise<Recording<Result>> {
  if (format !== "webm" && format !== "ogg")
    throw new RoomtoneError("invalid-settings", "The format is webm or ogg.", { setting: "format" });
  if (!(await canEncodeAudio("opus", { numberOfChannels: channels, sampleRate: 48_000, bitrate: bitrateBps }))) {
    throw new RoomtoneError(
      "unsupported",
      "This browser cannot encode Opus with these settings: use a current one, or fewer bits per second.",
    );
  }
  const mix = new RecordingMix(sources, channels);
  const source = new MediaStreamAudioTrackSource(mix.track as ConstructorParameters<typeof MediaStreamAudioTrackSource>[0], {
    codec: "opus",
    bitrate: bitrateBps,
  });
  const output = new Output({ format: format === "webm" ? new WebMOutputFormat() : new OggOutputFormat(), target });
  output.addAudioTrack(source);
  let settle: (error: RoomtoneError | undefined) => void = () => {};
  const ended = new Promise<RoomtoneError | undefined>((resolve) => {
    settle = resolve;
  });
  source.errorPromise.catch((error: unknown) => settle(recordingError(error)));
  try {
    await output.start();
  } catch (error) {
    await mix.close();
    throw recordingError(error);
  }
  const startedMs = performance.now();
  let stoppedMs: number | undefined;
  let over: Promise<Result> | undefined;

  return {
    get durationMs() {
      return Math.round((stoppedMs ?? performance.now()) - startedMs);
    },
    ended,
    stop: () => {
      over ??= (async () => {
        stoppedMs = performance.now();
        try {
          await output.finalize();
          const result = await finish(await output.getMimeType());
          settle(undefined);
          return result;
        } catch (error) {
          const failure = recordingError(error);
          settle(failure);
          throw failure;
        } finally {
          await mix.close();
        }
      })();
      return over;
    },
    cancel: async () => {
      if (over) return;
      over = Promise.reject(new RoomtoneError("usage", "The recording was cancelled."));
      over.catch(() => {});
      stoppedMs = performance.now();
      await output.cancel().catch(() => {});
      await mix.close();
      settle(undefined);
    },
  };
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
