import { listInProcess } from "./device-process.js";
import type { ListedDevice } from "./device-protocol.js";
import type { DeviceKind } from "./select-device.js";

const LIST_BOUND_MS = 3_000;

/** A microphone or a speaker. What is both is listed twice. */
export interface AudioDevice {
  /** The system's name for it, as it is: escape it before a terminal shows it. Two devices may share one. */
  readonly name: string;
  readonly kind: DeviceKind;
  readonly isDefault: boolean;
  readonly maxChannels: number;
  readonly defaultSampleRateHz: number;
  /** The system's audio interface that it belongs to. On Windows each device is there once for each of them. */
  readonly hostApi: string;
}

/**
 * The devices of this moment, inputs first.
 *
 * @throws RoomtoneError `native-missing`; `device-lost` where the sound system does not answer within 3 s; the signal's reason
 */
export async function listDevices(options: { readonly signal?: AbortSignal } = {}): Promise<AudioDevice[]> {
  const listed = await listInProcess(LIST_BOUND_MS, options.signal);
  return [
    ...listed.filter((device) => device.maxInputChannels > 0).map((device) => audioDevice(device, "input")),
    ...listed.filter((device) => device.maxOutputChannels > 0).map((device) => audioDevice(device, "output")),
  ];
}

function audioDevice(device: ListedDevice, kind: DeviceKind): AudioDevice {
  const isInput = kind === "input";
  return {
    name: device.name,
    kind,
    isDefault: isInput ? device.isDefaultInput : device.isDefaultOutput,
    maxChannels: isInput ? device.maxInputChannels : device.maxOutputChannels,
    defaultSampleRateHz: device.defaultSampleRateHz,
    hostApi: device.hostApi,
  };
}
