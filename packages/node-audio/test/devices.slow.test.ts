import { readdir, readFile } from "node:fs/promises";
import { listDevices, openMicrophone, openSpeaker } from "@roomtone/node-audio";
import { withVirtualMicrophone } from "@roomtone/testing";
import { describe, expect, test } from "vitest";
import { deviceProcesses, onlyDeviceProcess } from "./support/device-processes.js";
import { listen } from "./support/hearing.js";
import { reachableBytes } from "./support/reachable-memory.js";

withVirtualMicrophone();

const MIB = 1024 * 1024;
const CYCLES = 200;

const descriptors = async () => (await readdir("/proc/self/fd")).length;

async function residentMib(pid: number): Promise<number> {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

const cycles: Record<string, () => Promise<void>> = {
  "a microphone": async () => {
    const microphone = await openMicrophone();
    await listen(microphone, 20);
    await microphone.close();
  },
  "a speaker": async () => {
    await (await openSpeaker()).close();
  },
  "a list of devices": async () => {
    await listDevices();
  },
};

describe.for(Object.entries(cycles))("%s", ([, cycle]) => {
  test(`opened and closed ${CYCLES} times leaves no process, no descriptor and memory as it was`, async () => {
    for (let index = 0; index < 20; index += 1) await cycle();
    const [descriptorsBefore, bytesBefore] = [await descriptors(), await reachableBytes()];
    for (let index = 0; index < CYCLES; index += 1) await cycle();
    expect(await deviceProcesses()).toEqual([]);
    expect(await descriptors()).toBeLessThanOrEqual(descriptorsBefore);
    expect((await reachableBytes()) - bytesBefore).toBeLessThan(4 * MIB);
  });
});

test("a microphone that runs for three minutes keeps time, and its process keeps its size", async ({ annotate }) => {
  const microphone = await openMicrophone();
  await listen(microphone, 30_000);
  const pid = await onlyDeviceProcess();
  const before = await residentMib(pid);
  const frames = await listen(microphone, 150_000);
  const after = await residentMib(pid);
  const spanUs = (frames.at(-1)?.timestampUs ?? 0) - (frames[0]?.timestampUs ?? 0);
  const gaps = frames.filter((frame) => frame.discontinuity).length;
  await annotate(
    `${frames.length} frames in ${Math.round(spanUs / 1_000)} ms, ${gaps} gaps, ${before.toFixed(0)} to ${after.toFixed(0)} MiB`,
  );
  expect(after - before).toBeLessThan(8);
  expect(microphone.statistics.restarts).toBe(0);
  await microphone.close();
});
