import { describe, expect, test } from "vitest";
import type { ListedDevice } from "./device-protocol.js";
import { selectDevice } from "./select-device.js";

function device(id: number, name: string, more: Partial<ListedDevice> = {}): ListedDevice {
  const defaults = { isDefaultHostApi: true, isDefaultInput: false, isDefaultOutput: false, maxInputChannels: 1, maxOutputChannels: 0 };
  return { id, name, hostApi: "ALSA", defaultSampleRateHz: 48_000, ...defaults, ...more };
}

const desk = device(0, "Desk Microphone");
const camera = device(1, "Camera Microphone", { isDefaultInput: true });
const speaker = device(2, "Desk Speaker", { maxInputChannels: 0, maxOutputChannels: 2, isDefaultOutput: true });
const devices = [desk, camera, speaker];

describe("selectDevice", () => {
  test("without a name it is the default device", () => {
    expect(selectDevice(devices, "input", { orDefault: true })).toEqual({ device: camera, isDefault: true });
    expect(selectDevice(devices, "output", { orDefault: true })).toEqual({ device: speaker, isDefault: true });
  });

  test("where no device is the default one it is the first", () => {
    expect(selectDevice([desk], "input", { orDefault: true })).toEqual({ device: desk, isDefault: true });
  });

  test("a whole name wins over names that contain it", () => {
    const plain = device(3, "Microphone");
    expect(selectDevice([desk, plain], "input", { deviceName: "Microphone", orDefault: false })).toEqual({
      device: plain,
      isDefault: false,
    });
  });

  test("a part of a name is enough where it fits one device only, in upper or lower case", () => {
    expect(selectDevice(devices, "input", { deviceName: "desk", orDefault: false })).toEqual({ device: desk, isDefault: false });
    expect(selectDevice(devices, "input", { deviceName: "microphone", orDefault: false })).toEqual({
      failure: { reason: "ambiguous", deviceNames: ["Desk Microphone", "Camera Microphone"] },
    });
  });

  test("a name that nothing has is not found, or stands for the default device where that will do", () => {
    expect(selectDevice(devices, "input", { deviceName: "Desk Speaker", orDefault: false })).toEqual({
      failure: { reason: "not-found", deviceNames: ["Desk Microphone", "Camera Microphone"] },
    });
    expect(selectDevice(devices, "input", { deviceName: "gone", orDefault: true })).toEqual({ device: camera, isDefault: true });
  });

  test("no devices of the kind are no devices", () => {
    expect(selectDevice([speaker], "input", { orDefault: true })).toEqual({ failure: { reason: "no-devices" } });
  });

  test("a device that two interfaces list is the default interface's one", () => {
    const other = device(0, "Headset", { hostApi: "DirectSound", isDefaultHostApi: false });
    const standard = device(5, "Headset", { hostApi: "MME" });
    expect(selectDevice([other, standard], "input", { deviceName: "head", orDefault: false })).toEqual({
      device: standard,
      isDefault: false,
    });
  });
});
