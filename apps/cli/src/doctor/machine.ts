import { failures, isRoomtoneError } from "@roomtone/core";
import { loadAudio } from "../audio.js";
import type { Io } from "../io.js";
import type { CheckResult } from "./check.js";

export function checkNode(io: Io): CheckResult {
  // The program does not start on an older one.
  return { result: "ok", message: `${io.runtime.version} on ${io.runtime.platform}-${io.runtime.arch}` };
}

/** Each native library of node-audio, by its name, loaded as the commands load it. PortAudio's is the devices' check. */
export async function checkNatives(): Promise<readonly (readonly [string, CheckResult])[]> {
  try {
    const audio = await loadAudio();
    return (await audio.checkNatives()).map(({ packageName, ok, version, message }) => [
      packageName,
      ok
        ? { result: "ok", message: version ?? "loads" }
        : { result: "failed", message: message ?? "does not load", fix: failures["native-missing"].fix },
    ]);
  } catch {
    return [["natives", { result: "failed", message: "they cannot be checked", fix: failures["native-missing"].fix }]];
  }
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
