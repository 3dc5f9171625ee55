import {
  type AudioFormat,
  type CaptureEvent,
  FrameFanout,
  type FrameStream,
  type FramesOptions,
  type PcmCapture,
  RoomtoneError,
} from "@roomtone/core";
import { CaptureTimeline } from "./capture-timeline.js";
import { DeviceEvents } from "./device-events.js";
import { type DeviceProcess, openDeviceProcess } from "./device-process.js";
import { capturedBlockBytes, decodeCapturedBlock, RecordCutter, SAMPLE_RATE_HZ } from "./device-protocol.js";
import { DeviceSupervisor } from "./device-supervisor.js";

const OPEN_BOUND_MS = 5_000;

export interface MicrophoneOptions {
  /**
   * The device's name as `listDevices` gives it, or a part that fits one device only, in upper or lower case. The system's default
   * device where absent.
   */
  readonly device?: string;
  /** Default 1. A mono device asked for 2 gives the same sound on both. */
  readonly channels?: 1 | 2;
  /** Gives up opening. A microphone that is open is closed by `close`. */
  readonly signal?: AbortSignal;
  /** Called with sentences for a person about what is not as it was asked for. */
  readonly onWarning?: (message: string) => void;
}

export interface MicrophoneStatistics {
  /** How often the device was opened again. */
  readonly restarts: number;
  /** Frames of 10 ms that arrived too late to be of use and went to nobody. */
  readonly droppedFrames: number;
}

/** A microphone that heals itself: `device-lost` and `device-restored` tell, and the capture stays open. */
export interface Microphone extends PcmCapture {
  readonly statistics: MicrophoneStatistics;
}

/**
 * Opens a microphone, 48 kHz, in frames of 10 ms; resolves when it hears. `AudioFrame.timestampUs` is on the clock of
 * `performance.now()`, in microseconds.
 *
 * The device runs in a process of its own. When it delivers nothing for 1 s, or its process ends, it is opened again by its name, or
 * the default one in its place (`fallback`), until it is back or the capture is closed. A device that was asked for by name is gone
 * back to when it returns.
 *
 * @throws RoomtoneError `device-not-found`, `device-in-use`, `device-lost` (no answer in 5 s), `permission-denied`, `unsupported`,
 *   `native-missing`, `invalid-settings`; the signal's reason where it aborts
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<Microphone> {
  const { device, channels = 1, signal, onWarning = () => {} } = options;
  if (channels !== 1 && channels !== 2) {
    throw new RoomtoneError("invalid-settings", `a microphone has 1 or 2 channels, not ${channels}`, { setting: "channels" });
  }
  const open = (wanted: Pick<Parameters<typeof openDeviceProcess>[0], "wish" | "boundMs" | "signal">) =>
    openDeviceProcess({ task: "capture", channels, ...wanted });
  const wish = device === undefined ? { orDefault: true } : { deviceName: device, orDefault: false };
  const first = await open({ wish, boundMs: OPEN_BOUND_MS, signal });
  if (first.deviceChannels < channels) onWarning(`"${first.deviceName}" has one channel: both channels carry the same sound`);
  return new SupervisedMicrophone(first, { sampleRateHz: SAMPLE_RATE_HZ, channels }, (microphone) => ({
    deviceName: device,
    open,
    attach: (process) => microphone.attach(process),
    emit: (event) => microphone.events.emit(event),
    warn: onWarning,
  }));
}

class SupervisedMicrophone implements Microphone {
  readonly source: PcmCapture["source"];
  readonly format: AudioFormat;
  readonly overflow = "drop-oldest";
  readonly #fanout = new FrameFanout("drop-oldest");
  readonly #timeline: CaptureTimeline;
  readonly events = new DeviceEvents();
  readonly #supervisor: DeviceSupervisor;
  #attached: DeviceProcess | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    first: DeviceProcess,
    format: AudioFormat,
    supervision: (microphone: SupervisedMicrophone) => ConstructorParameters<typeof DeviceSupervisor>[1],
  ) {
    this.source = { kind: "microphone", label: first.deviceName };
    this.format = format;
    // Both are the system's monotonic clock, in every process; they count from different moments.
    const offsetUs = performance.now() * 1_000 - systemUs();
    this.#timeline = new CaptureTimeline(format, (atUs) => atUs + offsetUs);
    this.#supervisor = new DeviceSupervisor(first, supervision(this));
  }

  get statistics(): MicrophoneStatistics {
    return { restarts: this.#supervisor.restarts, droppedFrames: this.#timeline.droppedFrames };
  }

  frames(options?: FramesOptions): FrameStream {
    return this.#fanout.open(options);
  }

  on(listener: (event: CaptureEvent) => void): () => void {
    return this.events.on(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  attach(process: DeviceProcess): void {
    this.#attached = process;
    this.#timeline.restart();
    const cutter = new RecordCutter(capturedBlockBytes(this.format.channels));
    let records: Buffer[] = [];
    process.onAudio((chunk) => {
      if (records.length === 0) {
        // The pipe is read in pieces: only when it is empty is it known which blocks are stale.
        setImmediate(() => {
          const read = records;
          records = [];
          if (this.#attached === process) this.#deliver(read);
        });
      }
      records.push(...cutter.push(chunk));
    });
  }

  #deliver(records: readonly Buffer[]): void {
    for (const frame of this.#timeline.push(records.map(decodeCapturedBlock), systemUs())) this.#fanout.push(frame);
  }

  async #close(): Promise<void> {
    this.#attached = undefined;
    this.#fanout.end();
    this.events.clear();
    await this.#supervisor.close();
  }
}

function systemUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}
