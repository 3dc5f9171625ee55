import { reportFault } from "@roomtone/testing";
import { expect, it } from "vitest";
import { CaptureTimeline } from "./capture-timeline.js";

const BLOCKS = 360_000; // an hour

it.for([200, -200])(
  "a device whose clock is off by %i parts per million for an hour is followed, with nothing lost and no latency gathered",
  async (ppm, context) => {
    const timeline = new CaptureTimeline({ sampleRateHz: 48_000, channels: 1 }, (systemUs) => systemUs);
    const samples = new Int16Array(480);
    const blockUs = 10_000 * (1 + ppm / 1_000_000);
    let frames = 0;
    let gaps = 0;
    let mostLateUs = 0;
    for (let index = 0; index < BLOCKS; index += 1) {
      const endUs = (index + 1) * blockUs;
      for (const frame of timeline.push([{ index, endUs, arrivedUs: endUs, samples }], endUs)) {
        frames += 1;
        if (frame.discontinuity) gaps += 1;
        mostLateUs = Math.max(mostLateUs, Math.abs(endUs - 10_000 - frame.timestampUs));
      }
    }
    expect([frames, gaps, timeline.droppedFrames]).toEqual([BLOCKS, 0, 0]);
    expect(mostLateUs).toBeLessThan(10_000);
    await reportFault(context, {
      part: "device",
      fault: `clock off by ${ppm} ppm for an hour (simulated)`,
      driver: "any",
      seen: "nothing",
      lost: `nothing; at most ${(mostLateUs / 1000).toFixed(1)} ms off`,
      backMs: [],
      guard: "`device/capture-timeline.ts`: its correction",
    });
  },
);
