import { type AbortSignalLike, whenAborted } from "@roomtone/core";
import { mediaDevices } from "./microphone-constraints.js";

/** An audio device as the browser lets this page see it. */
export interface AudioDevice {
  /** For `openMicrophone` and `switchDevice`. Belongs to this page's origin. Empty until the person has allowed the microphone. */
  readonly deviceId: string;
  /** For people: the device's label, or "Microphone 1" as long as the browser keeps it back. */
  readonly name: string;
  /** Whether `name` is the device's own. It is not before the person has allowed the microphone. */
  readonly named: boolean;
  readonly kind: "input" | "output";
  readonly isDefault: boolean;
  /** Devices of one piece of hardware share it. */
  readonly groupId: string;
}

export interface DeviceChange {
  readonly devices: readonly AudioDevice[];
  readonly added: readonly AudioDevice[];
  readonly removed: readonly AudioDevice[];
  readonly defaultChanged: boolean;
}

/** The audio devices, inputs first. Asks for no permission. @throws RoomtoneError `insecure-origin`, `unsupported` */
export async function listDevices({ signal }: { readonly signal?: AbortSignalLike } = {}): Promise<AudioDevice[]> {
  signal?.throwIfAborted();
  const seen = await mediaDevices().enumerateDevices();
  signal?.throwIfAborted();
  return [...describeDevices(seen, "audioinput"), ...describeDevices(seen, "audiooutput")];
}

/** Tells the devices once, and again after each change, the person's permission included. Slow readers get the newest state. */
export async function* watchDevices({ signal }: { readonly signal?: AbortSignalLike } = {}): AsyncGenerator<DeviceChange, void> {
  const devices = mediaDevices();
  const permission = await microphonePermission();
  let changed = true;
  let wake = () => {};
  const notice = () => {
    changed = true;
    wake();
  };
  devices.addEventListener("devicechange", notice);
  permission?.addEventListener("change", notice);
  const stopListening = whenAborted(signal, () => wake());
  try {
    let before: readonly AudioDevice[] = [];
    for (let first = true; !signal?.aborted; ) {
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      changed = false;
      const now = await listDevices();
      const change = compareDevices(before, now);
      if (signal?.aborted || (!first && !change)) continue;
      first = false;
      before = now;
      yield change ?? { devices: now, added: [], removed: [], defaultChanged: false };
    }
  } finally {
    stopListening();
    devices.removeEventListener("devicechange", notice);
    permission?.removeEventListener("change", notice);
  }
}

/** Chromium lists the default device twice, once as itself and once as "default"; others list it first. */
function describeDevices(seen: readonly MediaDeviceInfo[], kind: "audioinput" | "audiooutput"): AudioDevice[] {
  const all = seen.filter((device) => device.kind === kind);
  const alias = all.find((device) => device.deviceId === "default");
  const own = all.filter((device) => device.deviceId !== "default" && device.deviceId !== "communications");
  const real = own.length > 0 ? own : all;
  const first = real.find((device) => alias && device.groupId === alias.groupId && alias.label.endsWith(device.label)) ?? real[0];
  const word = kind === "audioinput" ? "Microphone" : "Speaker";
  return real.map((device, index) => ({
    deviceId: device.deviceId,
    name: device.label || `${word} ${index + 1}`,
    named: device.label !== "",
    kind: kind === "audioinput" ? "input" : "output",
    isDefault: device === first,
    groupId: device.groupId,
  }));
}

function compareDevices(before: readonly AudioDevice[], now: readonly AudioDevice[]): DeviceChange | undefined {
  const key = (device: AudioDevice) => JSON.stringify([device.kind, device.deviceId, device.name]);
  const without = (left: readonly AudioDevice[], right: readonly AudioDevice[]) => {
    const keys = new Set(right.map(key));
    return left.filter((device) => !keys.has(key(device)));
  };
  const defaults = (devices: readonly AudioDevice[]) =>
    devices
      .filter((device) => device.isDefault)
      .map(key)
      .join();
  const added = without(now, before);
  const removed = without(before, now);
  const defaultChanged = defaults(before) !== defaults(now);
  return added.length + removed.length > 0 || defaultChanged ? { devices: now, added, removed, defaultChanged } : undefined;
}

/** Labels appear when the person allows the microphone, and no `devicechange` tells of it. Not every browser can be asked. */
async function microphonePermission(): Promise<PermissionStatus | undefined> {
  try {
    return await navigator.permissions.query({ name: "microphone" });
  } catch {
    return undefined;
  }
}
