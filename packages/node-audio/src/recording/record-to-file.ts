import { randomInt } from "node:crypto";
import {
  type AbortSignalLike,
  type AudioEncoder,
  type AudioFrame,
  Framer,
  type FrameStream,
  Lifetime,
  type OpusProfile,
  type OpusSettings,
  type PcmCapture,
  resolveOpusSettings,
  toRoomtoneError,
  whenAborted,
  withChannels,
} from "@roomtone/core";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import { OggOpusWriter } from "./ogg-opus-writer.js";
import { openRecordingFile, type RecordingFile } from "./recording-file.js";
import { SilenceFiller } from "./silence-filler.js";

/** A recorder is patient: a disk may stall for seconds, and what is lost beyond that becomes counted silence. */
const QUEUE_MS = 10_000;

export interface RecordToFileOptions {
  /** A base for `opus`. Default: `voice` for a mono capture, `music` for a stereo one. */
  readonly profile?: OpusProfile;
  /** Over the profile. What only helps on a network (FEC, DTX) is off unless asked for here. */
  readonly opus?: Partial<OpusSettings>;
  /** Write over a file that has content. Default false: that is `output-unwritable`. */
  readonly overwrite?: boolean;
  /** Aborting is `close()`. */
  readonly signal?: AbortSignalLike;
}

export interface RecordingStatistics {
  /** Length of the recording so far, lost audio included. */
  readonly durationMs: number;
  /** Audio that the capture or this recording lost: silence in the file. */
  readonly lostMs: number;
  /** Bytes in the file so far. */
  readonly bytesWritten: number;
}

/** A capture on its way into a file. Up to 500 ms of it are not in the file yet; whatever ends the process, the rest plays. */
export interface Recording {
  readonly path: string;
  readonly statistics: RecordingStatistics;
  /**
   * Resolves when the file is complete: after `close`, or when the capture has ended.
   * Rejects with `disk-full`, `output-unwritable`, or the capture's own failure; the file plays up to there.
   */
  readonly ended: Promise<void>;
  /** Ends the recording; resolves when the file is complete, or was given up (`ended` says). The capture stays open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Records `capture` as Ogg Opus from its next frame on.
 * @throws RoomtoneError `output-unwritable`, `disk-full`, `invalid-settings`, `native-missing`
 */
export async function recordToFile(capture: PcmCapture, path: string, options: RecordToFileOptions = {}): Promise<Recording> {
  const lifetime = new Lifetime();
  try {
    const encoder = lifetime.own(await createOpusEncoder(recordingSettings(capture, options)), (owned) => owned.close());
    const file = lifetime.own(await openRecordingFile(path, options.overwrite ?? false), (owned) => owned.close());
    const frames = lifetime.own(capture.frames({ capacityMs: QUEUE_MS }), (owned) => owned.return());
    const recording = new FileRecording(path, frames, encoder, file);
    await recording.begin();
    lifetime.defer(whenAborted(options.signal, () => void recording.close()));
    recording.run(lifetime);
    return recording;
  } catch (error) {
    await lifetime.close().catch(() => {});
    throw error;
  }
}

function recordingSettings(capture: PcmCapture, options: RecordToFileOptions): OpusSettings {
  const { channels } = capture.format;
  const own = { channels, forwardErrorCorrection: false, discontinuousTransmission: false };
  return resolveOpusSettings(options.profile ?? (channels === 2 ? "music" : "voice"), { ...own, ...options.opus });
}

class FileRecording implements Recording {
  readonly path: string;
  ended: Promise<void> = Promise.resolve();
  readonly #frames: FrameStream;
  readonly #encoder: AudioEncoder;
  readonly #file: RecordingFile;
  readonly #framer: Framer;
  readonly #filler = new SilenceFiller();
  readonly #writer: OggOpusWriter;
  readonly #preSkip: number;
  #recordedSamples = 0;
  #encodedSamples = 0;
  #bytesWritten = 0;

  constructor(path: string, frames: FrameStream, encoder: AudioEncoder, file: RecordingFile) {
    const { channels, frameDurationMs, application } = encoder.settings;
    this.path = path;
    this.#frames = frames;
    this.#encoder = encoder;
    this.#file = file;
    this.#preSkip = lookaheadSamples(application);
    this.#framer = new Framer({ format: { sampleRateHz: 48_000, channels }, frameDurationMs });
    this.#writer = new OggOpusWriter({ channels, preSkip: this.#preSkip, serialNumber: randomInt(2 ** 32) });
  }

  get statistics(): RecordingStatistics {
    return { durationMs: this.#recordedSamples / 48, lostMs: this.#filler.silenceMs, bytesWritten: this.#bytesWritten };
  }

  begin(): Promise<void> {
    return this.#append(this.#writer.header());
  }

  /** Starts the work; `lifetime` is released at its end. */
  run(lifetime: Lifetime): void {
    this.ended = this.#record()
      .finally(() => lifetime.close())
      .catch((error: unknown) => {
        throw toRoomtoneError(error);
      });
    this.ended.catch(() => {}); // who awaits `ended` is told
  }

  async close(): Promise<void> {
    await this.#frames.return();
    await this.ended.catch(() => {});
  }

  async #record(): Promise<void> {
    let failure: { error: unknown } | undefined;
    for (;;) {
      const next = await this.#frames.next().catch((error: unknown) => {
        failure = { error };
      });
      if (!next || next.done) break;
      for (const frame of this.#filler.fill(next.value)) await this.#encode(withChannels(frame, this.#framer.format.channels));
    }
    await this.#finish(); // a capture that failed still leaves a complete file
    if (failure) throw failure.error;
  }

  async #encode(frame: AudioFrame): Promise<void> {
    this.#recordedSamples += frame.samples.length / frame.format.channels;
    for (const whole of this.#framer.push(frame)) await this.#write(whole);
  }

  /** Silence pushes the last audio out of the encoder, whose output lags its input by the pre-skip; the end's position cuts it off again. */
  async #finish(): Promise<void> {
    const rest = this.#framer.flush();
    if (rest) await this.#write(rest);
    const { format, frameDurationMs } = this.#framer;
    while (this.#encodedSamples < this.#recordedSamples + this.#preSkip) {
      const samples = new Int16Array(48 * frameDurationMs * format.channels);
      await this.#write({ format, samples, timestampUs: 0, discontinuity: false });
    }
    await this.#append(this.#writer.end(this.#recordedSamples));
  }

  async #write(frame: AudioFrame): Promise<void> {
    const samples = frame.samples.length / frame.format.channels;
    this.#encodedSamples += samples;
    await this.#append(this.#writer.push(this.#encoder.encode(frame), samples));
  }

  async #append(pages: Uint8Array): Promise<void> {
    if (pages.byteLength === 0) return;
    await this.#file.append(pages);
    this.#bytesWritten += pages.byteLength;
  }
}

/** What `OPUS_GET_LOOKAHEAD` answers at 48 kHz in libopus 1.3: 2.5 ms, and 4 ms of delay compensation outside of low-delay mode. */
function lookaheadSamples(application: OpusSettings["application"]): number {
  return application === "restricted-lowdelay" ? 120 : 312;
}
