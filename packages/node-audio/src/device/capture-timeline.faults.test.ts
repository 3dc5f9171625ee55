import { reportFault } from "@roomtone/testing";
import { expect, it } from "vitest";
import { CaptureTimeline } from "./capture-timeline.js";
import type { CapturedBlock } from "./device-protocol.js";

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
      guard: "`device/capture-timeline.ts`: its correction (*tried*)",
    });
  },
);

/** What becomes of blocks that arrive one by one, each at its `arrivedUs`. */
function follow(blocks: Iterable<CapturedBlock>): { frames: number; gaps: number; dropped: number; mostOffUs: number } {
  const timeline = new CaptureTimeline({ sampleRateHz: 48_000, channels: 1 }, (systemUs) => systemUs);
  let frames = 0;
  let gaps = 0;
  let mostOffUs = 0;
  for (const block of blocks) {
    for (const frame of timeline.push([block], block.arrivedUs)) {
      frames += 1;
      if (frame.discontinuity) gaps += 1;
      mostOffUs = Math.max(mostOffUs, Math.abs(block.arrivedUs - 10_000 - frame.timestampUs));
    }
  }
  return { frames, gaps, dropped: timeline.droppedFrames, mostOffUs };
}

const BLOCKS_OF_A_MINUTE = 6000;

it.for([44_100, 47_000, 50_000])(
  "a device that delivers %i samples a second and calls it 48,000 is followed: no latency gathers, and what is missing is marked",
  async (sampleRateHz, context) => {
    const samples = new Int16Array(480);
    const blocks = Array.from({ length: BLOCKS_OF_A_MINUTE }, (_, index): CapturedBlock => {
      const endUs = ((index + 1) * 480_000_000) / sampleRateHz;
      return { index, endUs, arrivedUs: endUs, samples };
    });
    const { frames, gaps, dropped, mostOffUs } = follow(blocks);
    expect(frames + dropped).toBeGreaterThan(BLOCKS_OF_A_MINUTE - 10);
    expect(dropped).toBe(0);
    expect(mostOffUs).toBeLessThan(40_000);
    if (sampleRateHz < 48_000) expect(gaps).toBeGreaterThan(10);
    await reportFault(context, {
      part: "device",
      fault: `delivers ${sampleRateHz} samples a second and calls it 48,000, for a minute (simulated)`,
      driver: "any",
      seen: "nothing",
      lost: `nothing; ${gaps} marked gaps, at most ${(mostOffUs / 1000).toFixed(1)} ms off`,
      backMs: [],
      guard: "`device/capture-timeline.ts` (*tried*)",
    });
  },
);

it.for([40, 60])("a device that delivers every %i ms what it heard since is followed with nothing lost", async (burstMs, context) => {
  const samples = new Int16Array(480);
  const count = burstMs / 10;
  const blocks = Array.from({ length: BLOCKS_OF_A_MINUTE }, (_, index): CapturedBlock => {
    const arrivedUs = (Math.floor(index / count) + 1) * burstMs * 1000 + (index % count) * 50;
    return { index, endUs: arrivedUs, arrivedUs, samples };
  });
  const { frames, gaps, dropped } = follow(blocks);
  expect([gaps, dropped]).toEqual([0, 0]);
  expect(frames).toBeGreaterThan(BLOCKS_OF_A_MINUTE - 10);
  await reportFault(context, {
    part: "device",
    fault: `delivers in bursts, every ${burstMs} ms, for a minute (simulated)`,
    driver: "any",
    seen: "nothing",
    lost: "nothing; of longer bursts all but the newest 60 ms",
    backMs: [],
    guard: "`device/capture-timeline.ts`: a burst is held until it is over (*tried*)",
  });
});
