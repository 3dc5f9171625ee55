import { isRoomtoneError } from "@roomtone/core";
import { type AudioDevice, listDevices } from "./list-devices.js";
import { pause } from "./pause.js";

const DEFAULT_INTERVAL_MS = 2_000;

/** How the devices are now, and what is new about that. */
export interface DeviceChange {
  readonly devices: readonly AudioDevice[];
  readonly added: readonly AudioDevice[];
  readonly removed: readonly AudioDevice[];
  /** Whether another input or output is the default one. */
  readonly defaultChanged: boolean;
}

export interface WatchDevicesOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal;
  /** Between two looks. Default 2000. A look costs about a tenth of a second of one core. */
  readonly intervalMs?: number;
}

/**
 * The devices of now, first, with nothing added or removed; then every change. A sound system that stands still is waited for.
 *
 * @throws RoomtoneError `native-missing`
 */
export async function* watchDevices(options: WatchDevicesOptions = {}): AsyncGenerator<DeviceChange, void, void> {
  const { intervalMs = DEFAULT_INTERVAL_MS, signal = new AbortController().signal } = options;
  let known: readonly AudioDevice[] | undefined;
  while (!signal.aborted) {
    const devices = await look(signal);
    if (signal.aborted) return;
    const change = devices && difference(known ?? devices, devices);
    if (change && (!known || change.added.length + change.removed.length > 0 || change.defaultChanged)) {
      known = devices;
      yield change;
    }
    await pause(intervalMs, signal);
  }
}

/** The devices; nothing where the sound system does not answer in time, or the signal aborts. */
async function look(signal: AbortSignal): Promise<readonly AudioDevice[] | undefined> {
  try {
    return await listDevices({ signal });
  } catch (error) {
    if (signal.aborted || isRoomtoneError(error, "device-lost")) return undefined;
    throw error;
  }
}

function difference(before: readonly AudioDevice[], devices: readonly AudioDevice[]): DeviceChange {
  return {
    devices,
    added: without(devices, before),
    removed: without(before, devices),
    defaultChanged: defaults(before) !== defaults(devices),
  };
}

/** Devices of `some` that `others` does not have, counted: two may have one name. */
function without(some: readonly AudioDevice[], others: readonly AudioDevice[]): AudioDevice[] {
  const counts = new Map<string, number>();
  for (const device of others) counts.set(identity(device), (counts.get(identity(device)) ?? 0) + 1);
  return some.filter((device) => {
    const left = counts.get(identity(device)) ?? 0;
    counts.set(identity(device), left - 1);
    return left <= 0;
  });
}

function identity({ kind, hostApi, name }: AudioDevice): string {
  return JSON.stringify([kind, hostApi, name]);
}

function defaults(devices: readonly AudioDevice[]): string {
  return JSON.stringify(devices.filter((device) => device.isDefault).map(identity));
}
