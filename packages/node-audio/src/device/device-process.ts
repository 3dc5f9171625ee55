import type { DeviceWish, ListedDevice } from "./device-protocol.js";
import { bounded, PortAudioProcess, within } from "./portaudio-process.js";
import { openingError, silentDevice, silentSoundSystem } from "./vendor-errors.js";

/** No audio for so long means that the device is lost: PortAudio itself never says so. */
const SILENT_MS = 1_000;
const LOOK_EVERY_MS = 200;
/** The process asks PortAudio for at most 300 ms to let go of the device; past this it is killed. */
const CLOSE_BOUND_MS = 500;

/** A device that is open in a process of its own. Audio flows, or `ended` resolves. */
export interface DeviceProcess {
  readonly pid: number;
  readonly deviceName: string;
  /** Whether it is the default device. */
  readonly isDefault: boolean;
  /** 1 where the device is mono and the blocks are stereo. */
  readonly deviceChannels: number;
  /** Resolves when the device delivers no more. Never rejects. */
  readonly ended: Promise<void>;
  /** When the device last gave a sign of life, on the clock of `performance.now()`. */
  readonly lastAudioMs: number;
  /** Calls `listener` with what arrives on the audio pipe, what came before included. For one listener. */
  onAudio(listener: (chunk: Buffer) => void): void;
  /** Bytes given to `send` that the process has not read. */
  readonly unreadBytes: number;
  send(bytes: Buffer): void;
  /** Resolves when the device is free and the process gone. Idempotent. */
  close(): Promise<void>;
}

export interface OpenDeviceOptions {
  readonly task: "capture" | "play";
  readonly wish: DeviceWish;
  readonly channels: 1 | 2;
  /** For all of it, from the process's start to the first audio. */
  readonly boundMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a device; resolves when its audio flows.
 *
 * @throws RoomtoneError `native-missing`, `unsupported`; for a capture `device-not-found`, `device-in-use`, `device-lost`,
 *   `permission-denied`; for a speaker `output-unwritable`. The signal's reason where it aborts.
 */
export async function openDeviceProcess(options: OpenDeviceOptions): Promise<DeviceProcess> {
  const { task, wish, channels, boundMs, signal } = options;
  signal?.throwIfAborted();
  const kind = task === "capture" ? "input" : "output";
  const child = new PortAudioProcess({ task, wish, channels });
  const early: Buffer[] = [];
  let listener: (chunk: Buffer) => void = (chunk) => early.push(chunk);
  let lastAudioMs = 0;
  const firstAudio = new Promise<void>((resolve) => {
    child.onAudio((chunk) => {
      lastAudioMs = performance.now();
      listener(chunk);
      resolve();
    });
  });
  const opening = async () => {
    const message = await child.message;
    if (message.type === "failed") throw openingError(kind, wish, message.failure, child.printed);
    if (message.type !== "ready") throw new TypeError(`a process that was asked to ${task} says "${message.type}"`);
    await firstAudio;
    return message;
  };
  try {
    const { deviceName, isDefault, deviceChannels } = await bounded(opening(), {
      boundMs,
      signal,
      tooLate: () => silentDevice(kind, wish, boundMs),
    });
    let closing: Promise<void> | undefined;
    const watch = watchSilence(() => lastAudioMs);
    return {
      pid: child.pid,
      deviceName,
      isDefault,
      deviceChannels,
      ended: Promise.race([child.exited, watch.silent]).finally(watch.stop),
      get lastAudioMs() {
        return lastAudioMs;
      },
      onAudio: (added) => {
        listener = added;
        for (const chunk of early.splice(0)) added(chunk);
      },
      get unreadBytes() {
        return child.unreadBytes;
      },
      send: (bytes) => child.send(bytes),
      close: () => {
        watch.stop();
        closing ??= endDevice(child);
        return closing;
      },
    };
  } catch (error) {
    await child.kill();
    throw error;
  }
}

/**
 * The devices of this moment, listed by a process of its own: in one that has a device open, PortAudio's list stands still.
 *
 * @throws RoomtoneError `native-missing`, `device-lost` (the sound system hangs); the signal's reason where it aborts
 */
export async function listInProcess(boundMs: number, signal: AbortSignal | undefined): Promise<readonly ListedDevice[]> {
  signal?.throwIfAborted();
  const child = new PortAudioProcess({ task: "list" });
  try {
    const message = await bounded(child.message, { boundMs, signal, tooLate: () => silentSoundSystem(boundMs) });
    if (message.type === "failed") throw openingError("input", { orDefault: false }, message.failure, child.printed);
    return message.type === "devices" ? message.devices : [];
  } finally {
    await child.kill();
  }
}

async function endDevice(child: PortAudioProcess): Promise<void> {
  child.askToClose();
  await within(CLOSE_BOUND_MS, child.exited);
  await child.kill();
}

/** `silent` resolves once `lastAudioMs` is too long ago. */
function watchSilence(lastAudioMs: () => number): { readonly silent: Promise<void>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<void>((resolve) => {
    const isSilent = () => performance.now() - lastAudioMs() > SILENT_MS;
    timer = setInterval(() => {
      // After a blocked event loop timers run before the pipe is read: judge when it was.
      if (isSilent()) setImmediate(() => isSilent() && resolve());
    }, LOOK_EVERY_MS);
  });
  return { silent, stop: () => clearInterval(timer) };
}
