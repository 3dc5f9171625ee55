import { access } from "node:fs/promises";
import { measureTone, sine, startVirtualMicrophone, withVirtualMicrophone } from "@roomtone/testing";
import { describe, expect, test } from "vitest";

const POLL = { timeout: 20_000 };

/** How pure a tone is in the best 100 ms of `samples`: on a busy machine a recording has gaps. */
function bestPurity(samples: Int16Array, frequencyHz: number): number {
  let best = 0;
  for (let at = 0; at + 4_800 <= samples.length; at += 2_400) {
    best = Math.max(best, measureTone(samples.subarray(at, at + 4_800), { sampleRateHz: 48_000, frequencyHz }).purity);
  }
  return best;
}

describe("startVirtualMicrophone", () => {
  const microphone = withVirtualMicrophone();

  test("what is played into a device is recorded from it", async () => {
    await microphone().addDevice("Desk Microphone");
    const recording = await microphone().record({ device: "Desk Microphone" });
    const tone = sine({ frequencyHz: 440, durationMs: 500 });
    const playback = microphone().play(tone, { device: "Desk Microphone" });
    await playback.ended;
    await expect.poll(() => bestPurity(recording.samples(), 440), POLL).toBeGreaterThan(0.9);
    await recording.stop();
  });

  test("a tone is heard again after the daemon was killed and started", async () => {
    await microphone().addDevice("Desk Microphone");
    const stop = await microphone().playTone(1_000, { device: "Desk Microphone" });
    await microphone().killDaemon();
    expect(microphone().daemonPid).toBeUndefined();
    await microphone().startDaemon();
    const recording = await microphone().record({ device: "Desk Microphone" });
    await expect.poll(() => bestPurity(recording.samples(), 1_000), POLL).toBeGreaterThan(0.9);
    await Promise.all([stop(), recording.stop()]);
  });

  test("its folder is gone after close, and closing twice is closing once", async () => {
    const other = await startVirtualMicrophone();
    const path = other.environment["ALSA_CONFIG_PATH"] ?? "";
    await access(path);
    await Promise.all([other.close(), other.close()]);
    await expect(access(path)).rejects.toThrow();
  });
});
