import { type DeviceChange, listDevices, watchDevices } from "@roomtone/node-audio";
import { withVirtualMicrophone } from "@roomtone/testing";
import { describe, expect, test } from "vitest";
import { deviceProcesses } from "./support/device-processes.js";

const virtual = withVirtualMicrophone();

/** The next change that `isWanted`: adding a device is one to the listing, and another one to its default. */
async function changeUntil(changes: AsyncIterator<DeviceChange>, isWanted: (change: DeviceChange) => boolean): Promise<DeviceChange> {
  for (;;) {
    const { value, done } = await changes.next();
    if (done) throw new Error("the watch ended");
    if (isWanted(value)) return value;
  }
}

describe("listDevices", () => {
  test("tells inputs and outputs, the default ones among them, and leaves no process", async () => {
    await virtual().addDevice("Büro “2” Microphone");
    const devices = await listDevices();
    const common = { name: "default", isDefault: true, defaultSampleRateHz: expect.any(Number), hostApi: "ALSA" };
    expect(devices).toContainEqual({ ...common, kind: "input", maxChannels: expect.any(Number) });
    expect(devices).toContainEqual({ ...common, kind: "output", maxChannels: expect.any(Number) });
    expect(devices).toContainEqual(expect.objectContaining({ name: "Büro “2” Microphone", kind: "input", isDefault: false }));
    expect(await deviceProcesses()).toEqual([]);
  });

  test("ends with its signal's reason", async () => {
    await expect(listDevices({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("watchDevices", () => {
  test("gives the devices of now, then what is added and removed, and ends with its signal", async () => {
    const abort = new AbortController();
    const changes = watchDevices({ intervalMs: 20, signal: abort.signal });
    const first = await changes.next();
    expect(first.value).toMatchObject({ added: [], removed: [], defaultChanged: false });
    await virtual().addDevice("Headset");
    const added = await changeUntil(changes, (change) => change.added.length > 0);
    expect(added.added.map((device) => device.name)).toContain("Headset");
    expect(added.devices.map((device) => device.name)).toContain("Headset");
    await virtual().removeDevice("Headset");
    const removed = await changeUntil(changes, (change) => change.removed.length > 0);
    expect(removed.removed.map((device) => device.name)).toContain("Headset");
    const last = changes.next();
    abort.abort();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(await deviceProcesses()).toEqual([]);
  });
});
