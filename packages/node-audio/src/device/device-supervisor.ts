import type { CaptureEvent } from "@roomtone/core";
import type { DeviceProcess, OpenDeviceOptions } from "./device-process.js";
import { pause } from "./pause.js";
import { StoppableWaits } from "./stoppable-waits.js";

/** Pauses before the attempts to open a device again; the last one goes on for ever. */
const RETRY_PAUSES_MS = [0, 100, 250, 500, 1_000, 2_000];
/** A device that answers does so in a tenth of this; one attempt more costs less than a long wait for a device that hangs. */
const ATTEMPT_BOUND_MS = 2_000;
/** How often a chosen device is looked for while another one stands in: soon at first, then at a price of about 1 % of a core. */
const RETURN_PAUSES_MS = [2_000, 2_000, 2_000, 5_000];
const STILL_LOOKING_AFTER = 8;

export interface SupervisorOptions {
  /** The device as it was asked for; without a name, whichever is the default. */
  readonly deviceName: string | undefined;
  readonly open: (options: Pick<OpenDeviceOptions, "wish" | "boundMs" | "signal">) => Promise<DeviceProcess>;
  /** Called with each process whose audio counts from now on. */
  readonly attach: (process: DeviceProcess) => void;
  readonly emit: (event: CaptureEvent) => void;
  readonly warn: (message: string) => void;
}

/**
 * Keeps a device open: opens it again when it ends, by its name, or the default one where it is gone, and for as long as it takes.
 * A device that was chosen by name is gone back to when it returns; a default one that was replaced by another is not.
 */
export class DeviceSupervisor {
  readonly #options: SupervisorOptions;
  readonly #closing = new AbortController();
  readonly #waits = new StoppableWaits();
  readonly #name: string;
  #current: DeviceProcess;
  readonly #running: Promise<void>;
  #restarts = 0;

  constructor(first: DeviceProcess, options: SupervisorOptions) {
    this.#options = options;
    this.#current = first;
    this.#name = first.deviceName;
    options.attach(first);
    this.#running = this.#run();
  }

  /** The process of now; during an outage the one that ended. */
  get current(): DeviceProcess {
    return this.#current;
  }

  /** How often the device was opened again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Resolves when the device is free and no process is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#waits.stop();
    await Promise.all([this.#current.close(), this.#running]);
  }

  async #run(): Promise<void> {
    const closed = this.#closing.signal;
    while (!closed.aborted) {
      const returned = await this.#endOrReturn();
      if (closed.aborted) return returned?.close();
      const before = this.#current;
      if (!returned) this.#options.emit({ type: "device-lost", deviceName: before.deviceName });
      // A hung process is killed meanwhile: nobody waits for it, and the device opens again beside it or at the next attempt.
      const gone = before.close();
      const next = returned ?? (await this.#openAgain());
      if (!next) return gone;
      this.#take(next, before);
      await gone;
    }
  }

  #take(next: DeviceProcess, before: DeviceProcess): void {
    this.#current = next;
    this.#restarts += 1;
    this.#options.attach(next);
    const gapMs = Math.max(0, Math.round(performance.now() - before.lastAudioMs));
    const fallback = next.deviceName !== this.#name;
    this.#options.emit({ type: "device-restored", deviceName: next.deviceName, fallback, gapMs });
  }

  /** Resolves when the current device ended; or with the chosen device, open, when it is back while another one stands in. */
  async #endOrReturn(): Promise<DeviceProcess | undefined> {
    // Not `ended` alone: a process that the kernel holds in a driver's call does not even end when killed.
    const ended = this.#waits.until(this.#current.ended);
    if (this.#options.deviceName === undefined || this.#current.deviceName === this.#name) {
      await ended;
      return undefined;
    }
    const looking = new AbortController();
    void ended.then(() => looking.abort());
    return this.#retry(RETURN_PAUSES_MS, looking.signal, () => ({ deviceName: this.#name, orDefault: false }));
  }

  /** A new process for the lost device or its stand-in. Nothing where the supervisor closes. */
  #openAgain(): Promise<DeviceProcess | undefined> {
    // Every other attempt asks for the default device alone: the lost one may be listed still and hang.
    return this.#retry(RETRY_PAUSES_MS, this.#closing.signal, (attempt) => {
      if (attempt === STILL_LOOKING_AFTER) this.#options.warn(`the audio device "${this.#name}" is gone and no other opens: still looking`);
      return attempt % 2 === 0 ? { deviceName: this.#name, orDefault: true } : { orDefault: true };
    });
  }

  async #retry(
    pausesMs: readonly number[],
    signal: AbortSignal,
    wish: (attempt: number) => OpenDeviceOptions["wish"],
  ): Promise<DeviceProcess | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      await pause(pausesMs[Math.min(attempt, pausesMs.length - 1)] ?? 0, signal);
      if (signal.aborted) return undefined;
      try {
        const opened = await this.#options.open({ wish: wish(attempt), boundMs: ATTEMPT_BOUND_MS, signal });
        if (!signal.aborted) return opened;
        await opened.close();
      } catch {
        // why it does not open was said when it was lost; it is asked again
      }
    }
  }
}
