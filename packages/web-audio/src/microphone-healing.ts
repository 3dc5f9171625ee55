import { type AbortSignalLike, isRoomtoneError, type RoomtoneError, whenAborted } from "@roomtone/core";
import { mediaDevices } from "./microphone-constraints.js";

/** Waits between attempts; a device that appears, or a page that is shown again, cuts them short. */
const RETRY_MS = [500, 1000, 2000];
const LAST_RETRY_MS = 5000;
/** A phone mutes the microphone while its screen is locked and unmutes it soon afterwards; what stays muted does not come back by itself. */
const STILL_MUTED_MS = 1000;

/** What a microphone lets its healing see and do. */
export interface Healable {
  readonly signal: AbortSignalLike;
  readonly lost: boolean;
  readonly track: MediaStreamTrack;
  /** The device is gone, as far as anybody can tell. */
  lose(): void;
  /** One attempt to open it, or another one. */
  heal(): Promise<void>;
  /** No attempt can succeed any more. */
  fail(error: RoomtoneError): void;
}

export interface MicrophoneHealing {
  /** Begins to look for a device, until the microphone is no longer lost. */
  begin(): void;
  /** The system muted the device. */
  noteMute(): void;
}

/** Brings `microphone` back whenever it is lost, until its signal aborts. */
export function healMicrophone(microphone: Healable): MicrophoneHealing {
  const devices = mediaDevices();
  let wake = () => {};
  let healing = false;
  let mutedBehindScreen = false;

  const pause = (durationMs: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const heal = async () => {
    healing = true;
    for (let attempt = 0; microphone.lost && !microphone.signal.aborted; attempt += 1) {
      try {
        await microphone.heal();
      } catch (error) {
        // Behind a locked screen the browser refuses as if the person had: the answer counts while the page is visible.
        if (isRoomtoneError(error, "permission-denied") && !document.hidden) microphone.fail(error);
        else if (!microphone.signal.aborted) await pause(RETRY_MS[attempt] ?? LAST_RETRY_MS);
      }
    }
    healing = false;
  };
  const begin = () => {
    if (!healing) void heal();
  };
  const look = () => {
    wake();
    if (microphone.track.readyState === "ended") microphone.lose();
  };
  const onVisibility = () => {
    if (document.hidden) return;
    look();
    const { track } = microphone;
    if (!mutedBehindScreen) return;
    mutedBehindScreen = false;
    setTimeout(() => {
      if (microphone.track === track && track.muted && !document.hidden) microphone.lose();
    }, STILL_MUTED_MS);
  };

  devices.addEventListener("devicechange", look);
  document.addEventListener("visibilitychange", onVisibility);
  whenAborted(microphone.signal, () => {
    devices.removeEventListener("devicechange", look);
    document.removeEventListener("visibilitychange", onVisibility);
    wake();
  });
  return {
    begin,
    noteMute: () => {
      if (document.hidden) mutedBehindScreen = true;
    },
  };
}
