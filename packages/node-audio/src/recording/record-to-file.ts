import {
  type AbortSignalLike,
  type EncodedCapture,
  isPcmCapture,
  Lifetime,
  type OpusProfile,
  type OpusSettings,
  type PcmCapture,
  RoomtoneError,
  resolveOpusSettings,
  whenAborted,
} from "@roomtone/core";
import { createOpusEncoder } from "../opus/opus-encoder.js";
import { QUEUE_MS } from "./file-recording.js";
import { PacketRecording } from "./packet-recording.js";
import { PcmRecording } from "./pcm-recording.js";
import { openRecordingFile, type RecordingFile } from "./recording-file.js";

export interface RecordToFileOptions {
  /** A base for `opus`. Default: `voice` for a mono capture, `music` for a stereo one. */
  readonly profile?: OpusProfile;
  /** Over the profile. Of an encoded capture, nothing can be chosen. What only helps on a network (FEC, DTX) is off unless asked for here. */
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
  readonly muted: boolean;
  /** Muted: silence is written in place of what comes, and the file's time goes on. */
  setMuted(muted: boolean): void;
  /**
   * Resolves when the file is complete: after `close`, or when the capture has ended.
   * Rejects with `disk-full`, `output-unwritable`, or the capture's own failure; the file plays up to there.
   */
  readonly ended: Promise<void>;
  /** Ends the recording; resolves when the file is complete, or was given up (`ended` says). The capture stays open. Idempotent. */
  close(): Promise<void>;
}

/**
 * Records `capture` as Ogg Opus from its next frame on. Packets of an encoded capture are written as they are.
 * @throws RoomtoneError `output-unwritable`, `disk-full`, `invalid-settings`, `native-missing`
 */
export async function recordToFile(
  capture: PcmCapture | EncodedCapture,
  path: string,
  options: RecordToFileOptions = {},
): Promise<Recording> {
  const lifetime = new Lifetime();
  try {
    const openOutput = async () => lifetime.own(await openRecordingFile(path, options.overwrite ?? false), (owned) => owned.close());
    const recording = isPcmCapture(capture)
      ? await recordPcm(capture, path, options, lifetime, openOutput)
      : await recordPackets(capture, path, options, lifetime, openOutput);
    await recording.begin();
    lifetime.defer(whenAborted(options.signal, () => void recording.close()));
    recording.run(lifetime);
    return recording;
  } catch (error) {
    await lifetime.close().catch(() => {});
    throw error;
  }
}

async function recordPcm(
  capture: PcmCapture,
  path: string,
  options: RecordToFileOptions,
  lifetime: Lifetime,
  openOutput: () => Promise<RecordingFile>,
): Promise<PcmRecording> {
  const encoder = lifetime.own(await createOpusEncoder(recordingSettings(capture, options)), (owned) => owned.close());
  const file = await openOutput();
  const frames = lifetime.own(capture.frames({ capacityMs: QUEUE_MS }), (owned) => owned.return());
  return new PcmRecording({ path, file, stream: frames, overflow: capture.overflow }, encoder);
}

async function recordPackets(
  capture: EncodedCapture,
  path: string,
  { opus = {}, profile }: RecordToFileOptions,
  lifetime: Lifetime,
  openOutput: () => Promise<RecordingFile>,
): Promise<PacketRecording> {
  if (profile !== undefined || Object.values(opus).some((value) => value !== undefined)) {
    throw new RoomtoneError("invalid-settings", "This audio is encoded already: Opus settings would change nothing. Leave them out.");
  }
  const file = await openOutput();
  const packets = lifetime.own(capture.packets({ capacityMs: QUEUE_MS }), (owned) => owned.return());
  return new PacketRecording({ path, file, stream: packets, overflow: capture.overflow }, capture);
}

function recordingSettings(capture: PcmCapture, options: RecordToFileOptions): OpusSettings {
  const { channels } = capture.format;
  const own = { channels, forwardErrorCorrection: false, discontinuousTransmission: false };
  return resolveOpusSettings(options.profile ?? (channels === 2 ? "music" : "voice"), { ...own, ...options.opus });
}
