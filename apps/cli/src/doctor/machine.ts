import { isRoomtoneError } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";
import { bounded, type CheckResult } from "./check.js";

export function checkNode(io: Io): CheckResult {
  // The program does not start on an older one.
  return { result: "ok", message: `${io.runtime.version} on ${io.runtime.platform}-${io.runtime.arch}` };
}

/** Each native library, loaded as the commands load it. */
export function checkNatives(): readonly (readonly [string, Promise<CheckResult>])[] {
  const natives = loadAudio().then((audio) => audio.checkNatives());
  return (["@livekit/rtc-node", "@discordjs/opus", "naudiodon"] as const).map((name) => {
    const check = natives.then((all): CheckResult => {
      const found = all.find((native) => native.packageName === name);
      if (!found) return { result: "skipped", message: "not known to this version" };
      if (found.ok) return { result: "ok", message: found.version ?? "loads" };
      return { result: "failed", message: found.message ?? "does not load", fix: found.fix ?? "reinstall with build scripts allowed" };
    });
    return [name, bounded(check)] as const;
  });
}

export async function checkAudioDevices(signal: AbortSignal): Promise<CheckResult> {
  const fix = "connect one, or start the sound service; files, streams and tones need none";
  try {
    const { listDevices } = await loadAudio();
    const devices = await listDevices({ signal });
    const inputs = devices.filter((device) => device.kind === "input");
    const outputs = devices.filter((device) => device.kind === "output");
    if (inputs.length === 0) return { result: "failed", message: "there is no microphone", fix };
    const defaultInput = inputs.find((device) => device.isDefault) ?? inputs[0];
    return { result: "ok", message: `${inputs.length} in, ${outputs.length} out; the microphone is ${defaultInput?.name ?? "unknown"}` };
  } catch (error) {
    return { result: "failed", message: isRoomtoneError(error) ? error.message : "they cannot be listed", fix };
  }
}
