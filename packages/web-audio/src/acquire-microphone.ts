import type { AbortSignalLike } from "@roomtone/core";
import { type MicrophoneConstraintOptions, mediaDevices, microphoneConstraints } from "./microphone-constraints.js";
import { untilAborted } from "./until-aborted.js";
import { isDeviceGone, microphoneError } from "./vendor-errors.js";

export interface AcquireOptions extends MicrophoneConstraintOptions {
  readonly signal?: AbortSignalLike;
  readonly onWarning?: (message: string) => void;
}

/**
 * A live track of that device, or of the default one where the device is gone and `orDefault`.
 * Errors are ours, but for a device that is gone and is not replaced: that one is the browser's, for `isDeviceGone`.
 */
export async function acquireMicrophone(
  options: AcquireOptions,
  deviceId: string | undefined,
  orDefault: boolean,
): Promise<{ readonly track: MediaStreamTrack; readonly fellBack: boolean }> {
  try {
    return { track: await acquire(options, deviceId), fellBack: false };
  } catch (error) {
    const gone = deviceId !== undefined && isDeviceGone(error);
    if (gone && !orDefault) throw error;
    options.signal?.throwIfAborted();
    if (!gone) throw microphoneError(error);
  }
  try {
    return { track: await acquire(options, undefined), fellBack: true };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw microphoneError(error);
  }
}

/** getUserMedia takes no signal: what it opens after an abort is closed at once. */
function acquire(options: AcquireOptions, deviceId: string | undefined): Promise<MediaStreamTrack> {
  const { signal } = options;
  const opening = mediaDevices()
    .getUserMedia({ audio: microphoneConstraints(options, deviceId) })
    .then((stream) => {
      const [track] = stream.getAudioTracks();
      if (signal?.aborted) for (const opened of stream.getTracks()) opened.stop();
      if (!track) throw new DOMException("no audio track", "NotFoundError");
      return track;
    });
  return untilAborted(opening, signal);
}
