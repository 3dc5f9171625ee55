import {
  type AbortSignalLike,
  type AudioFormat,
  type CaptureEvent,
  type CaptureSource,
  RoomtoneError,
  type TrackCapture,
} from "@roomtone/core";
import { type AcquireOptions, acquireMicrophone } from "./acquire-microphone.js";
import type { MicrophoneConstraintOptions } from "./microphone-constraints.js";
import { healMicrophone, type MicrophoneHealing } from "./microphone-healing.js";
import { type LeasingCapture, type TrackLease, TrackLeases } from "./track-leases.js";
import { isDeviceGone, microphoneError } from "./vendor-errors.js";

export interface MicrophoneOptions extends MicrophoneConstraintOptions {
  /** As `listDevices` gives it. Where it is gone, the default microphone opens in its place and `onWarning` says so. */
  readonly deviceId?: string;
  /**
   * `keep` (default): the device stays open while muted, so that unmuting is instant and talking while muted is noticed.
   * `release`: while every publication of it is muted the device is let go of, and the browser's recording light goes out.
   */
  readonly muteMode?: "keep" | "release";
  /** Aborting while the person is asked rejects with the signal's reason. Later it has no effect: `close()` ends a microphone. */
  readonly signal?: AbortSignalLike;
  /** What a person may want to know and what keeps nothing from working. */
  readonly onWarning?: (message: string) => void;
}

/** An open microphone. It heals itself: a device that goes away is replaced, and publications keep their track. */
export interface Microphone extends TrackCapture {
  readonly track: MediaStreamTrack;
  /** The device in use; it changes when the microphone is healed or switched. */
  readonly deviceId: string;
  /**
   * Goes on with another device, without publishing again. The old device is closed first, because some systems open only one.
   * @throws RoomtoneError `device-not-found`, `device-in-use`, `permission-denied`, `constraint-unsatisfied`; the old device is open again then
   */
  switchDevice(deviceId: string): Promise<void>;
}

/**
 * Opens a microphone; the browser asks the person where it has to.
 * @throws RoomtoneError `permission-denied`, `device-not-found`, `device-in-use`, `insecure-origin`, `constraint-unsatisfied`, `unsupported`
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<Microphone> {
  options.signal?.throwIfAborted();
  const { track, fellBack } = await acquireMicrophone(options, options.deviceId, true);
  if (fellBack) options.onWarning?.(`The microphone used last is not connected; ${track.label || "the default one"} is used instead.`);
  return new OpenMicrophone(track, options, fellBack ? undefined : options.deviceId);
}

class OpenMicrophone implements Microphone, LeasingCapture {
  readonly ended: Promise<RoomtoneError | undefined>;
  readonly #options: AcquireOptions;
  readonly #releaseOnMute: boolean;
  readonly #leases = new TrackLeases(
    () => this.#track,
    () => this.#followNeed(),
  );
  readonly #listeners = new Set<(event: CaptureEvent) => void>();
  readonly #trackListeners = new Set<(track: MediaStreamTrack) => void>();
  readonly #closing = new AbortController();
  readonly #healing: MicrophoneHealing;
  #finish: (error: RoomtoneError | undefined) => void = () => {};
  #track: MediaStreamTrack;
  #wantedId: string | undefined;
  #released = false;
  #lost: { readonly sinceMs: number; readonly deviceName: string } | undefined;
  /** Opening and closing devices, one at a time. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(track: MediaStreamTrack, { signal: _opening, ...options }: MicrophoneOptions, wantedId: string | undefined) {
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#track = track;
    this.#options = { ...options, signal: this.#closing.signal };
    this.#releaseOnMute = options.muteMode === "release";
    this.#wantedId = wantedId;
    const microphone = this;
    this.#healing = healMicrophone({
      signal: this.#closing.signal,
      get lost() {
        return microphone.#lost !== undefined;
      },
      get track() {
        return microphone.#track;
      },
      lose: this.#lose,
      heal: () => this.#serially(() => this.#heal()),
      fail: (error) => this.#close(error),
    });
    this.#watch();
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  get deviceId(): string {
    return this.#track.getSettings().deviceId ?? "";
  }

  get source(): CaptureSource {
    return { kind: "microphone", label: this.#track.label };
  }

  get format(): AudioFormat {
    const { sampleRate = 48_000, channelCount = 1 } = this.#track.getSettings();
    return { sampleRateHz: sampleRate, channels: channelCount === 2 ? 2 : 1 };
  }

  on(listener: (event: CaptureEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onTrack(listener: (track: MediaStreamTrack) => void): () => void {
    this.#trackListeners.add(listener);
    return () => this.#trackListeners.delete(listener);
  }

  lease(onTrack: (track: MediaStreamTrack) => void): TrackLease {
    return this.#leases.open(onTrack);
  }

  switchDevice(deviceId: string): Promise<void> {
    return this.#serially(async () => {
      if (this.#closing.signal.aborted) throw new RoomtoneError("usage", "The microphone is closed: open it again.");
      const before = this.#wantedId;
      this.#wantedId = deviceId;
      if (this.#released) return;
      const beforeId = this.deviceId;
      this.#stop();
      try {
        this.#adopt((await acquireMicrophone(this.#options, deviceId, false)).track, false);
      } catch (error) {
        this.#wantedId = before;
        await this.#goBack(beforeId);
        if (isDeviceGone(error)) throw new RoomtoneError("device-not-found", "That microphone is not connected: choose another one.");
        throw microphoneError(error);
      }
    });
  }

  async close(): Promise<void> {
    this.#close(undefined);
  }

  #close(error: RoomtoneError | undefined): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new RoomtoneError("usage", "The microphone is closed."));
    this.#stop();
    this.#listeners.clear();
    this.#trackListeners.clear();
    this.#finish(error);
  }

  /** Stops before anything is opened: Safari, Firefox and Android end a microphone, or refuse the new one, while another is open. */
  #stop(): void {
    this.#track.removeEventListener("ended", this.#lose);
    this.#track.removeEventListener("mute", this.#healing.noteMute);
    this.#track.stop();
    this.#leases.stop();
  }

  #watch(): void {
    this.#track.addEventListener("ended", this.#lose);
    this.#track.addEventListener("mute", this.#healing.noteMute);
  }

  #adopt(track: MediaStreamTrack, fallback: boolean): void {
    if (this.#closing.signal.aborted) {
      track.stop();
      return;
    }
    this.#track = track;
    this.#watch();
    const lost = this.#lost;
    this.#lost = undefined;
    this.#leases.renew();
    for (const listener of this.#trackListeners) listener(track);
    if (!lost) return;
    this.#emit({ type: "device-restored", deviceName: track.label, fallback, gapMs: Math.round(performance.now() - lost.sinceMs) });
  }

  /** After a failed switch: the device from before, else whatever the browser offers. */
  async #goBack(deviceId: string): Promise<void> {
    try {
      const { track, fellBack } = await acquireMicrophone(this.#options, deviceId || this.#wantedId, true);
      this.#adopt(track, fellBack);
    } catch {
      this.#lose();
    }
  }

  readonly #lose = (): void => {
    if (this.#lost || this.#released || this.#closing.signal.aborted) return;
    this.#lost = { sinceMs: performance.now(), deviceName: this.#track.label };
    this.#stop();
    this.#emit({ type: "device-lost", deviceName: this.#lost.deviceName });
    this.#healing.begin();
  };

  async #heal(): Promise<void> {
    if (!this.#lost || this.#closing.signal.aborted) return;
    const { track, fellBack } = await acquireMicrophone(this.#options, this.#wantedId, true);
    const fallback = fellBack || track.label !== this.#lost.deviceName;
    this.#adopt(track, fallback);
  }

  /** `release` only: the device follows whether any publication wants sound. */
  #followNeed(): Promise<void> {
    if (!this.#releaseOnMute) return Promise.resolve();
    return this.#serially(async () => {
      if (this.#closing.signal.aborted || this.#released === this.#leases.unneeded) return;
      if (this.#leases.unneeded) {
        this.#released = true;
        this.#lost = undefined;
        this.#stop();
        return;
      }
      const { track, fellBack } = await acquireMicrophone(this.#options, this.#wantedId, true);
      this.#released = false;
      this.#adopt(track, fellBack);
      if (fellBack) this.#options.onWarning?.(`The microphone used before is not connected; ${track.label} is used instead.`);
    });
  }

  #serially<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => {});
    return result;
  }

  #emit(event: CaptureEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
