import type { DeviceFailure, DeviceWish, ListedDevice } from "./device-protocol.js";

export type DeviceKind = "input" | "output";

export type DeviceSelection =
  | { readonly device: ListedDevice; readonly isDefault: boolean }
  | { readonly failure: Extract<DeviceFailure, { reason: "no-devices" | "not-found" | "ambiguous" }> };

/**
 * Finds the device that `wish` means: the one of that name, else the only one whose name contains it, upper and lower case alike.
 * Some systems list a device once for each of their audio interfaces: among equals the default interface's counts.
 */
export function selectDevice(listed: readonly ListedDevice[], kind: DeviceKind, wish: DeviceWish): DeviceSelection {
  const devices = listed.filter((device) => (kind === "input" ? device.maxInputChannels : device.maxOutputChannels) > 0);
  const first = devices[0];
  if (!first) return { failure: { reason: "no-devices" } };
  const isDefault = (device: ListedDevice) => (kind === "input" ? device.isDefaultInput : device.isDefaultOutput);
  const standard = devices.find(isDefault) ?? first;

  const wanted = wish.deviceName;
  if (wanted === undefined) return { device: standard, isDefault: true };
  const found = [
    devices.filter((device) => device.name === wanted),
    devices.filter((device) => device.name.toLowerCase().includes(wanted.toLowerCase())),
  ].find((candidates) => candidates.length > 0);
  if (!found) {
    if (wish.orDefault) return { device: standard, isDefault: true };
    return { failure: { reason: "not-found", deviceNames: uniqueNames(devices) } };
  }
  const preferred = found.filter((device) => device.isDefaultHostApi);
  const candidates = preferred.length > 0 ? preferred : found;
  const device = candidates[0] as ListedDevice;
  if (candidates.some((candidate) => candidate.name !== device.name)) {
    return { failure: { reason: "ambiguous", deviceNames: uniqueNames(candidates) } };
  }
  return { device, isDefault: isDefault(device) };
}

function uniqueNames(devices: readonly ListedDevice[]): string[] {
  return [...new Set(devices.map((device) => device.name))];
}
