import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type RoomtoneError, whenAborted } from "@roomtone/core";
import { findBinding } from "./binding-path.js";
import { childEnvironment } from "./child-environment.js";
import { AUDIO_DESCRIPTOR, type DeviceCommand, type DeviceMessage, type DeviceRequest, type DeviceTask } from "./device-protocol.js";
import { processEnded } from "./vendor-errors.js";

/** A killed process is gone at once, but for one that the kernel holds in a driver's call. */
const KILLED_BOUND_MS = 1_000;
const KEPT_OUTPUT_CHARACTERS = 4_000;
/**
 * What PulseAudio is asked for where the user's environment says nothing: a packet of Opus. Left to itself it wakes two and a half times
 * as often, and its blocks come up to 13 ms apart from their beat instead of 10, which every listener's buffer adds to the delay.
 */
const CAPTURE_LATENCY_MS = "20";

/** A running PortAudio process, as device-protocol.ts describes it. */
export class PortAudioProcess {
  /** What it says: it says one thing. Rejects where it ends without a word. */
  readonly message: Promise<DeviceMessage>;
  /** Resolves when it is gone. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #audio: Socket;
  #printed = "";

  /** @throws RoomtoneError `native-missing` */
  constructor(task: DeviceTask) {
    const bindingPath = findBinding();
    const program = fileURLToPath(new URL("./portaudio-child.js", import.meta.url));
    const request: DeviceRequest = { ...task, bindingPath, parentPid: process.pid };
    this.#child = spawn(process.execPath, [program, JSON.stringify(request)], {
      env: { ...(task.task === "capture" && { PULSE_LATENCY_MSEC: CAPTURE_LATENCY_MS }), ...childEnvironment(dirname(bindingPath)) },
      // Native code prints on both: what it says on stdout is of no use, stderr tells why a device does not open.
      stdio: ["ignore", "ignore", "pipe", "pipe", "ipc"],
      windowsHide: true,
    });
    this.exited = new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.once("error", () => resolve()); // could not be started
    });
    this.message = Promise.race([
      once(this.#child, "message").then(
        ([message]) => message as DeviceMessage,
        () => Promise.reject(processEnded(this.#printed)), // it could not be started
      ),
      // What it said last may still be on its way when it is gone: "close" comes after all that.
      once(this.#child, "close").then(() => Promise.reject(processEnded(this.#printed))),
    ]);
    this.message.catch(() => {});
    (this.#child.stderr as Readable).on("data", (chunk: Buffer) => {
      this.#printed = (this.#printed + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    });
    this.#audio = this.#child.stdio[AUDIO_DESCRIPTOR] as Socket;
    this.#audio.on("error", () => {}); // it ended first: `exited` says so
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The last of what native code printed: to be searched, not shown. */
  get printed(): string {
    return this.#printed;
  }

  onAudio(listener: (chunk: Buffer) => void): void {
    this.#audio.on("data", listener);
  }

  send(bytes: Buffer): void {
    if (this.#audio.writable) this.#audio.write(bytes);
  }

  /** Asks it to let go of the device and to end. */
  askToClose(): void {
    if (this.#child.connected) this.#child.send({ type: "close" } satisfies DeviceCommand, () => {});
  }

  /** Ends it, a stopped or hanging one too. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await within(KILLED_BOUND_MS, this.exited);
    this.#audio.destroy();
  }
}

/** `promise`, or nothing after `boundMs`. */
export async function within<T>(boundMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, boundMs, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `promise`, or what `tooLate` makes after `boundMs`, or the signal's reason. */
export async function bounded<T>(
  promise: Promise<T>,
  bound: { readonly boundMs: number; readonly signal?: AbortSignal | undefined; readonly tooLate: () => RoomtoneError },
): Promise<T> {
  promise.catch(() => {}); // it may fail after it was given up
  bound.signal?.throwIfAborted();
  let stop = () => {};
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(bound.tooLate()), bound.boundMs);
    stop = whenAborted(bound.signal, () => reject(bound.signal?.reason));
  });
  try {
    return await Promise.race([promise, givenUp]);
  } finally {
    clearTimeout(timer);
    stop();
  }
}
