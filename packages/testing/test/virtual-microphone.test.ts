import { access } from "node:fs/promises";
import { startVirtualMicrophone, withVirtualMicrophone } from "@roomtone/testing";
import { describe, expect, test } from "vitest";

const SECOND = 48_000;

function sine(frequencyHz: number, frames: number): Int16Array {
  return Int16Array.from({ length: frames }, (_, index) => 16_000 * Math.sin((2 * Math.PI * frequencyHz * index) / SECOND));
}

/** Share of the energy of `samples` at `frequencyHz` (Goertzel), 1 for a pure sine. */
function purity(samples: Int16Array, frequencyHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / SECOND);
  let energy = 0;
  let [one, two] = [0, 0];
  for (const sample of samples) {
    [two, one] = [one, coefficient * one - two + sample];
    energy += sample * sample;
  }
  return energy === 0 ? 0 : (2 * (one * one + two * two - coefficient * one * two)) / (samples.length * energy);
}

describe("startVirtualMicrophone", () => {
  const microphone = withVirtualMicrophone();

  test("what is played into a device is recorded from it", async () => {
    await microphone().addDevice("Desk Microphone");
    const recording = await microphone().record({ device: "Desk Microphone" });
    const playback = microphone().play(sine(440, SECOND / 2), { device: "Desk Microphone" });
    await playback.ended;
    const samples = await recording.stop();
    const loudest = Math.max(...samples.map(Math.abs));
    expect(loudest).toBeGreaterThan(12_000);
    const start = samples.findIndex((sample) => Math.abs(sample) > 4_000);
    expect(purity(samples.subarray(start, start + 4_800), 440)).toBeGreaterThan(0.9);
  });

  test("a tone is heard again after the daemon was killed and started", async () => {
    await microphone().addDevice("Desk Microphone");
    const stop = await microphone().playTone(1_000, { device: "Desk Microphone" });
    await microphone().killDaemon();
    expect(microphone().daemonPid).toBeUndefined();
    await microphone().startDaemon();
    const recording = await microphone().record({ device: "Desk Microphone" });
    await expect.poll(() => recording.samples().length).toBeGreaterThan(9_600);
    await stop();
    const samples = await recording.stop();
    expect(purity(samples.subarray(4_800, 9_600), 1_000)).toBeGreaterThan(0.9);
  });

  test("its folder is gone after close, and closing twice is closing once", async () => {
    const other = await startVirtualMicrophone();
    const path = other.environment["ALSA_CONFIG_PATH"] ?? "";
    await access(path);
    await Promise.all([other.close(), other.close()]);
    await expect(access(path)).rejects.toThrow();
  });
});
