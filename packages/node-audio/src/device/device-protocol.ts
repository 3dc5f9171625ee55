/** What a program and its PortAudio process say to each other. Another audio system would be another process that speaks this. */

export const SAMPLE_RATE_HZ = 48_000;
export const FRAMES_PER_BLOCK = 480; // 10 ms: what a room takes, and a multiple of every device's period
export const BLOCK_US = 10_000;

/** Blocks that are captured at a time: a packet of Opus is two of them anyway, and each time wakes five threads in two processes. */
export const CAPTURED_AT_ONCE_BLOCKS = 2;

/** Blocks between the process and a speaker: what the process may be late without a gap. */
export const PLAYBACK_QUEUE_BLOCKS = 3;

/** The descriptor that carries audio: blocks from a microphone, or blocks to a speaker and reports back. */
export const AUDIO_DESCRIPTOR = 3;

/** One device as PortAudio lists it. Its `id` holds only within the process that listed it. */
export interface ListedDevice {
  readonly id: number;
  readonly name: string;
  readonly hostApi: string;
  readonly isDefaultHostApi: boolean;
  readonly isDefaultInput: boolean;
  readonly isDefaultOutput: boolean;
  readonly maxInputChannels: number;
  readonly maxOutputChannels: number;
  readonly defaultSampleRateHz: number;
}

/** Which device to open. Without a name: the default one. */
export interface DeviceWish {
  readonly deviceName?: string;
  /** Take the default device where there is none of that name. */
  readonly orDefault: boolean;
}

/** What the process is asked for. */
export type DeviceTask =
  | { readonly task: "list" }
  | {
      readonly task: "capture" | "play";
      readonly wish: DeviceWish;
      /** Of the blocks that cross the pipe. A device with fewer is made to fit, and says so in `ready`. */
      readonly channels: 1 | 2;
    };

/** A task with a stream. */
export type StreamTask = Extract<DeviceTask, { task: "capture" | "play" }>;

/** The one argument of the process, as JSON. */
export type DeviceRequest = DeviceTask & {
  readonly bindingPath: string;
  /** It ends with this process. Said by the parent: asked for later, it may be another's already. */
  readonly parentPid: number;
};

export type DeviceFailure =
  | { readonly reason: "native-missing" }
  | { readonly reason: "no-devices" }
  | { readonly reason: "not-found" | "ambiguous"; readonly deviceNames: readonly string[] }
  | { readonly reason: "busy" | "format" | "refused"; readonly deviceName: string };

/** What the process says over its control channel. */
export type DeviceMessage =
  | { readonly type: "devices"; readonly devices: readonly ListedDevice[] }
  | { readonly type: "ready"; readonly deviceName: string; readonly isDefault: boolean; readonly deviceChannels: number }
  | { readonly type: "failed"; readonly failure: DeviceFailure };

/** What a program says over the control channel; to hang up is to say it too. */
export type DeviceCommand = { readonly type: "close" };

/** Bytes of int16 samples in one block. */
export function blockBytes(channels: 1 | 2): number {
  return FRAMES_PER_BLOCK * channels * 2;
}

/** 10 ms from a microphone, with what is known about its time. */
export interface CapturedBlock {
  /** Counted from the stream's start; a jump means that blocks were lost on the way. */
  readonly index: number;
  /** When its last sample was there: the system's monotonic clock, the same in every process. */
  readonly endUs: number;
  /** When it was read, perhaps together with the block after it: the same clock. */
  readonly arrivedUs: number;
  readonly samples: Int16Array;
}

const BLOCK_HEADER_BYTES = 20;

/** `samples` of `count` blocks that were read together, at `arrivedUs`, as so many records. */
export function encodeCapturedBlocks(index: number, arrivedUs: number, samples: Uint8Array, count: number): Buffer {
  const blockLength = samples.length / count;
  const recordLength = BLOCK_HEADER_BYTES + blockLength;
  const bytes = Buffer.allocUnsafe(recordLength * count);
  for (let block = 0; block < count; block += 1) {
    const offset = block * recordLength;
    bytes.writeDoubleLE(arrivedUs - (count - 1 - block) * BLOCK_US, offset);
    bytes.writeDoubleLE(arrivedUs, offset + 8);
    bytes.writeUInt32LE(index + block, offset + 16);
    bytes.set(samples.subarray(block * blockLength, (block + 1) * blockLength), offset + BLOCK_HEADER_BYTES);
  }
  return bytes;
}

export function decodeCapturedBlock(bytes: Buffer): CapturedBlock {
  // Copied into a buffer of its own: consumers keep frames, and a view into the pipe's chunk would hold all of that.
  const samples = new Int16Array((bytes.length - BLOCK_HEADER_BYTES) / 2);
  bytes.copy(new Uint8Array(samples.buffer), 0, BLOCK_HEADER_BYTES);
  return { index: bytes.readUInt32LE(16), endUs: bytes.readDoubleLE(0), arrivedUs: bytes.readDoubleLE(8), samples };
}

export function capturedBlockBytes(channels: 1 | 2): number {
  return BLOCK_HEADER_BYTES + blockBytes(channels);
}

/** How far a speaker is, sent after each block that the device took. */
export interface PlaybackReport {
  /** Blocks of audio that the device took since the process started. */
  readonly played: number;
  /** Blocks that the device took, silence included: it goes up by one every 10 ms as long as the device lives. */
  readonly elapsed: number;
  /** How often audio came too late, so that silence was played in between. */
  readonly underruns: number;
}

export const PLAYBACK_REPORT_BYTES = 12;

export function encodePlaybackReport(report: PlaybackReport): Buffer {
  const bytes = Buffer.allocUnsafe(PLAYBACK_REPORT_BYTES);
  bytes.writeUInt32LE(report.played, 0);
  bytes.writeUInt32LE(report.elapsed, 4);
  bytes.writeUInt32LE(report.underruns, 8);
  return bytes;
}

export function decodePlaybackReport(bytes: Buffer): PlaybackReport {
  return { played: bytes.readUInt32LE(0), elapsed: bytes.readUInt32LE(4), underruns: bytes.readUInt32LE(8) };
}

/** Cuts a stream of bytes into records of one size. */
export class RecordCutter {
  readonly #recordBytes: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(recordBytes: number) {
    this.#recordBytes = recordBytes;
  }

  push(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const records: Buffer[] = [];
    let offset = 0;
    for (; offset + this.#recordBytes <= bytes.length; offset += this.#recordBytes) {
      records.push(bytes.subarray(offset, offset + this.#recordBytes));
    }
    this.#rest = bytes.subarray(offset);
    return records;
  }
}
