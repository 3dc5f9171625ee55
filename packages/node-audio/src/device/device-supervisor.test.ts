import { setTimeout as delay } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { expect, test } from "vitest";
import type { DeviceProcess } from "./device-process.js";
import { DeviceSupervisor } from "./device-supervisor.js";

const RESTARTS = 100;

/** A device that ends when it is told to, or is closed. */
function fakeDevice(): DeviceProcess & { end(): void } {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const facts = { pid: 0, deviceName: "Desk", isDefault: true, deviceChannels: 1, lastAudioMs: 0 };
  return { ...facts, ended, end: () => end(), onAudio: () => {}, send: () => {}, close: async () => end() };
}

test("a device that ends and is opened again leaves nothing behind, however often", async () => {
  let current = fakeDevice();
  const supervisor = new DeviceSupervisor(current, {
    deviceName: undefined,
    open: async () => {
      current = fakeDevice();
      return current;
    },
    attach: () => {},
    emit: () => {},
    warn: () => {},
  });
  const before = queryObjects(Promise, { format: "count" });
  while (supervisor.restarts < RESTARTS) {
    current.end();
    await delay(0);
  }
  expect(queryObjects(Promise, { format: "count" }) - before).toBeLessThan(RESTARTS / 2);
  await supervisor.close();
});
