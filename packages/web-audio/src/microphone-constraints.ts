import { RoomtoneError } from "@roomtone/core";

export interface MicrophoneConstraintOptions {
  /**
   * `voice` (default) cancels echo, suppresses noise and evens the loudness out. `music` does none of it, and asks for stereo:
   * all three are made for speech and spoil everything else.
   */
  readonly profile?: "voice" | "music";
  /** Laid over the profile's own. `deviceId` has an option of its own. */
  readonly constraints?: Omit<MediaTrackConstraints, "deviceId">;
}

/** What is asked of getUserMedia; without `deviceId` it is the browser's default microphone. */
export function microphoneConstraints(
  { profile = "voice", constraints = {} }: MicrophoneConstraintOptions,
  deviceId: string | undefined,
): MediaTrackConstraints {
  if (profile !== "voice" && profile !== "music") {
    throw new RoomtoneError("invalid-settings", "The microphone's profile is voice or music.", { setting: "profile" });
  }
  const processed = profile === "voice";
  return {
    echoCancellation: processed,
    noiseSuppression: processed,
    autoGainControl: processed,
    channelCount: { ideal: processed ? 1 : 2 },
    ...constraints,
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
  };
}

/** The browser's media devices. @throws RoomtoneError `insecure-origin`, `unsupported` */
export function mediaDevices(): MediaDevices {
  if (globalThis.isSecureContext === false) {
    throw new RoomtoneError(
      "insecure-origin",
      "Browsers give no microphone to pages over plain http: open this page over https, or from localhost.",
    );
  }
  const devices = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
  if (typeof devices?.getUserMedia !== "function") {
    throw new RoomtoneError("unsupported", "This browser offers no microphone to pages: use a current browser.");
  }
  return devices;
}
