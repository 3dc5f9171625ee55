import type { MediaTrackLike, TrackCapture } from "@roomtone/core";

/**
 * One publication's copy of a capture's track: muting it, which disables the copy, leaves the recording, the meter and the
 * capture's other publications alone.
 */
export interface TrackLease {
  /** Changes when the device is healed or switched. */
  readonly track: MediaStreamTrack;
  /** Says whether this publication wants sound. Resolves when `track` is live again where it was let go of. */
  setNeeded(needed: boolean): Promise<void>;
  /** Gives the copy back. Idempotent. */
  close(): void;
}

/** A capture that gives copies of its track away itself, because it has to stop every copy before it can open another device. */
export interface LeasingCapture extends TrackCapture {
  lease(onTrack: (track: MediaStreamTrack) => void): TrackLease;
}

function isLeasingCapture(capture: TrackCapture): capture is LeasingCapture {
  return typeof (capture as Partial<LeasingCapture>).lease === "function";
}

/** A lease of any capture of a `MediaStreamTrack`. `onTrack` is told each new copy, after the first. */
export function leaseTrack(capture: TrackCapture, onTrack: (track: MediaStreamTrack) => void): TrackLease {
  if (isLeasingCapture(capture)) return capture.lease(onTrack);
  const leases = new TrackLeases(() => asMediaStreamTrack(capture.track));
  const stop = capture.onTrack(() => leases.renew());
  return leases.open(onTrack, () => stop());
}

/** Every live copy of one track. */
export class TrackLeases {
  readonly #source: () => MediaStreamTrack;
  readonly #onNeed: (() => Promise<void>) | undefined;
  readonly #open = new Set<{ copy: MediaStreamTrack; needed: boolean; readonly onTrack: (track: MediaStreamTrack) => void }>();

  /** `onNeed` is called, and awaited, whenever what the leases need has changed. */
  constructor(source: () => MediaStreamTrack, onNeed?: () => Promise<void>) {
    this.#source = source;
    this.#onNeed = onNeed;
  }

  /** Whether somebody publishes and nobody wants sound: the device may be let go of. */
  get unneeded(): boolean {
    return this.#open.size > 0 && ![...this.#open].some((lease) => lease.needed);
  }

  open(onTrack: (track: MediaStreamTrack) => void, onClose: () => void = () => {}): TrackLease {
    const lease = { copy: this.#source().clone(), needed: true, onTrack };
    this.#open.add(lease);
    return {
      get track() {
        return lease.copy;
      },
      setNeeded: async (needed) => {
        lease.needed = needed;
        await this.#onNeed?.();
      },
      close: () => {
        if (!this.#open.delete(lease)) return;
        lease.copy.stop();
        onClose();
      },
    };
  }

  /** Stops the copies: a device is closed only when its last track is stopped. */
  stop(): void {
    for (const lease of this.#open) lease.copy.stop();
  }

  /** Copies the source's new track for everybody. */
  renew(): void {
    for (const lease of this.#open) {
      lease.copy.stop();
      lease.copy = this.#source().clone();
      lease.onTrack(lease.copy);
    }
  }
}

function asMediaStreamTrack(track: MediaTrackLike): MediaStreamTrack {
  return track as MediaStreamTrack;
}
