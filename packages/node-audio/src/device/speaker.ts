import type { AudioFormat, AudioFrame, CaptureEvent, OverflowPolicy } from "@roomtone/core";
import { RoomtoneError, whenAborted } from "@roomtone/core";
import { DeviceEvents } from "./device-events.js";
import { type DeviceProcess, openDeviceProcess } from "./device-process.js";
import {
  decodePlaybackReport,
  PLAYBACK_QUEUE_BLOCKS,
  PLAYBACK_REPORT_BYTES,
  type PlaybackReport,
  RecordCutter,
  SAMPLE_RATE_HZ,
} from "./device-protocol.js";
import { DeviceSupervisor } from "./device-supervisor.js";
import { PlaybackInput, PlaybackMixer } from "./playback-mixer.js";
import { StoppableWaits } from "./stoppable-waits.js";

const OPEN_BOUND_MS = 5_000;
/** Blocks that the speaker's process holds: what this process may be late without a gap. */
const BLOCKS_AHEAD = 4;

export interface SpeakerOptions {
  /** The device's name as `listDevices` gives it, or a part that fits one device only. The system's default device where absent. */
  readonly device?: string;
  /** Gives up opening. A speaker that is open is closed by `close`. */
  readonly signal?: AbortSignal;
  /** Called with sentences for a person about what is not as it was asked for. */
  readonly onWarning?: (message: string) => void;
}

export interface PlayOptions {
  /** Ends the playing at once, without an error. */
  readonly signal?: AbortSignal;
  /**
   * What happens to frames that come faster than they are played. `drop-oldest` (the default) is for live sound: past 80 ms the backlog
   * goes. `wait` plays everything, and asks `frames` for the next one when there is room.
   */
  readonly overflow?: OverflowPolicy;
}

export interface SpeakerStatistics {
  /** How often the device was opened again. */
  readonly restarts: number;
  /** 10 ms each that were not played because they were late. */
  readonly droppedFrames: number;
  /** How often frames came too late, so that silence was heard. */
  readonly underruns: number;
}

/** An open speaker. It plays silence where there is nothing to play, and what is played at the same time is mixed. */
export interface AudioOutput {
  readonly deviceName: string;
  /** What reaches the device. Frames may be mono or stereo. */
  readonly format: AudioFormat;
  readonly statistics: SpeakerStatistics;
  /**
   * Plays `frames` (48 kHz); resolves when the last of them was handed to the device, or playing was ended.
   * Latency is some 60 to 100 ms.
   *
   * @throws RoomtoneError `invalid-settings` for another rate, `output-unwritable` where the speaker is closed; what `frames` throws
   */
  play(frames: AsyncIterable<AudioFrame>, options?: PlayOptions): Promise<void>;
  /** Calls `listener` when the device is lost or back, until the returned function is called. */
  on(listener: (event: CaptureEvent) => void): () => void;
  /** Ends what is playing and frees the device. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a speaker. It heals itself as a microphone does: see `openMicrophone`.
 *
 * @throws RoomtoneError `output-unwritable` where there is no such device or it does not open, `unsupported`, `native-missing`; the
 *   signal's reason where it aborts
 */
export async function openSpeaker(options: SpeakerOptions = {}): Promise<AudioOutput> {
  const { device, signal, onWarning = () => {} } = options;
  const open = (wanted: Pick<Parameters<typeof openDeviceProcess>[0], "wish" | "boundMs" | "signal">) =>
    openDeviceProcess({ task: "play", channels: 2, ...wanted });
  const wish = device === undefined ? { orDefault: true } : { deviceName: device, orDefault: false };
  const first = await open({ wish, boundMs: OPEN_BOUND_MS, signal });
  return new SupervisedSpeaker(first, (speaker) => ({
    deviceName: device,
    open,
    attach: (process) => speaker.attach(process),
    emit: (event) => speaker.events.emit(event),
    warn: onWarning,
  }));
}

class SupervisedSpeaker implements AudioOutput {
  readonly format: AudioFormat = { sampleRateHz: SAMPLE_RATE_HZ, channels: 2 };
  readonly #mixer = new PlaybackMixer();
  readonly #playing = new Set<() => void>();
  readonly events = new DeviceEvents();
  readonly #supervisor: DeviceSupervisor;
  #process: DeviceProcess | undefined;
  #report: PlaybackReport = { played: 0, elapsed: 0, underruns: 0 };
  #sent = 0;
  #underrunsBefore = 0;
  #waiters: Array<(report: PlaybackReport) => boolean> = [];
  #closing: Promise<void> | undefined;

  constructor(first: DeviceProcess, supervision: (speaker: SupervisedSpeaker) => ConstructorParameters<typeof DeviceSupervisor>[1]) {
    this.#supervisor = new DeviceSupervisor(first, supervision(this));
  }

  get deviceName(): string {
    return this.#supervisor.current.deviceName;
  }

  get statistics(): SpeakerStatistics {
    const { restarts } = this.#supervisor;
    return { restarts, droppedFrames: this.#mixer.droppedFrames, underruns: this.#underrunsBefore + this.#report.underruns };
  }

  on(listener: (event: CaptureEvent) => void): () => void {
    return this.events.on(listener);
  }

  async play(frames: AsyncIterable<AudioFrame>, options: PlayOptions = {}): Promise<void> {
    if (this.#closing) throw new RoomtoneError("output-unwritable", "the speaker is closed: open it again to play");
    const input = new PlaybackInput(options.overflow ?? "drop-oldest");
    const iterator = frames[Symbol.asyncIterator]();
    const waits = new StoppableWaits();
    const stop = () => waits.stop();
    this.#playing.add(stop);
    const stopListening = whenAborted(options.signal, stop);
    this.#mixer.add(input);
    try {
      for (;;) {
        const next = await waits.until(iterator.next());
        if (next === "stopped") {
          void iterator.return?.().catch(() => {}); // it may be waiting for a frame that never comes
          return;
        }
        if (next.done) break;
        input.push(next.value);
        this.#pump();
        await waits.until(input.room());
      }
      input.end();
      this.#pump();
      await waits.until(this.#handedOver(input));
    } catch (error) {
      void iterator.return?.().catch(() => {});
      throw error;
    } finally {
      this.#mixer.remove(input);
      this.#playing.delete(stop);
      stopListening();
      input.end();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  attach(process: DeviceProcess): void {
    this.#process = process;
    this.#underrunsBefore += this.#report.underruns;
    this.#report = { played: 0, elapsed: 0, underruns: 0 };
    this.#sent = 0;
    const cutter = new RecordCutter(PLAYBACK_REPORT_BYTES);
    process.onAudio((chunk) => {
      const latest = cutter.push(chunk).at(-1);
      if (latest && this.#process === process) this.#reported(decodePlaybackReport(latest));
    });
  }

  #reported(report: PlaybackReport): void {
    this.#report = report;
    if (report.played === this.#sent) this.#mixer.starved();
    this.#pump();
    this.#waiters = this.#waiters.filter((isDone) => !isDone(report));
  }

  #pump(): void {
    while (this.#process && this.#sent - this.#report.played < BLOCKS_AHEAD) {
      const block = this.#mixer.next();
      if (!block) return;
      this.#process.send(Buffer.from(block.buffer));
      this.#sent += 1;
    }
  }

  /** Resolves when the device has all of `input`, which has ended. What a lost device had is lost. */
  #handedOver(input: PlaybackInput): Promise<void> {
    let process: DeviceProcess | undefined;
    let lastBlock = 0;
    let doneAt = Number.POSITIVE_INFINITY;
    return new Promise((resolve) => {
      this.#waiters.push((report) => {
        if (!input.empty) return false;
        if (!process) [process, lastBlock] = [this.#process, this.#sent];
        if (report.played >= lastBlock) doneAt = Math.min(doneAt, report.elapsed + PLAYBACK_QUEUE_BLOCKS);
        const done = process !== this.#process || report.elapsed >= doneAt;
        if (done) resolve();
        return done;
      });
    });
  }

  async #close(): Promise<void> {
    for (const stop of this.#playing) stop();
    this.#process = undefined;
    await this.#supervisor.close();
    this.events.clear();
  }
}
