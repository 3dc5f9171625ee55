import type { AudioFrame } from "@roomtone/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CaptureTimeline } from "./capture-timeline.js";
import type { CapturedBlock } from "./device-protocol.js";

const MS = 1_000;

function timeline() {
  return new CaptureTimeline({ sampleRateHz: 48_000, channels: 1 }, (systemUs) => systemUs);
}

function block(index: number, endUs: number): CapturedBlock {
  return { index, endUs, arrivedUs: endUs, samples: Int16Array.of(index) };
}

/** Blocks `from` to `to` of a device that began at 0 and delivers each `lateUs` after its end. */
function inTime(from: number, to: number, lateUs = 0): CapturedBlock[] {
  return Array.from({ length: to - from }, (_, position) => block(from + position, (from + position + 1) * 10 * MS + lateUs));
}

/** What comes out when each block is read as it arrives. */
function read(target: CaptureTimeline, blocks: readonly CapturedBlock[]): AudioFrame[] {
  return blocks.flatMap((one) => target.push([one], one.endUs));
}

const indexes = (frames: readonly AudioFrame[]) => frames.map((frame) => frame.samples[0]);
const marked = (frames: readonly AudioFrame[]) => indexes(frames.filter((frame) => frame.discontinuity));

describe("CaptureTimeline", () => {
  test("a frame's time is that of its first sample", () => {
    expect(read(timeline(), inTime(0, 3)).map((frame) => frame.timestampUs)).toEqual([0, 10 * MS, 20 * MS]);
  });

  test("jitter below 20 ms moves no time stamp by more than a hair, and loses nothing", () => {
    const jittered = inTime(0, 500).map((one, index) => block(one.index, one.endUs + ((index * 7919) % 15) * MS));
    const frames = read(timeline(), jittered);
    expect(indexes(frames)).toEqual(jittered.map((one) => one.index));
    for (const [index, frame] of frames.entries()) {
      if (index === 0) continue;
      const stepUs = frame.timestampUs - (frames[index - 1]?.timestampUs ?? 0);
      expect(stepUs).toBeGreaterThan(8_900);
      expect(stepUs).toBeLessThan(10_010);
    }
    expect(marked(frames)).toEqual([]);
  });

  test("a stream whose first block came late is in time after a few blocks, and steps by no less than 6 ms", () => {
    const [first, ...others] = inTime(0, 20);
    const frames = read(timeline(), [block(0, (first?.endUs ?? 0) + 18 * MS), block(1, 28 * MS + 1), ...others.slice(1)]);
    const times = frames.map((frame) => frame.timestampUs);
    expect(Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? 0)))).toBeGreaterThanOrEqual(6 * MS);
    expect(Math.abs((times[8] ?? 0) - 80 * MS)).toBeLessThan(100);
    expect(marked(frames)).toEqual([]);
  });

  test("blocks that are read in pairs are as regular as their audio, and a backlog of pairs is one burst", () => {
    /** Blocks `from` to `to`, the two of a pair read at once. */
    const pairs = (from: number, to: number, arrivedUs: (index: number) => number) =>
      Array.from({ length: (to - from) / 2 }, (_, pair) => from + pair * 2).map((index) =>
        [index, index + 1].map((one) => {
          const arrived = arrivedUs(index);
          return { index: one, endUs: arrived - (index + 1 - one) * 10 * MS, arrivedUs: arrived, samples: Int16Array.of(one) };
        }),
      );
    const inPairs = (from: number, to: number) => pairs(from, to, (index) => (index + 2) * 10 * MS);
    const stalled = pairs(20, 60, (index) => 600 * MS + (index - 20) * 50);
    const target = timeline();
    const frames = [...inPairs(0, 20), ...stalled, ...inPairs(60, 80)].flatMap((pair) => target.push(pair, pair[1]?.arrivedUs ?? 0));
    expect(indexes(frames)).toEqual([...Array(20).keys(), ...Array.from({ length: 26 }, (_, index) => 54 + index)]);
    expect(marked(frames)).toEqual([54]);
    for (const frame of frames) expect(Math.abs(frame.timestampUs - (frame.samples[0] ?? 0) * 10 * MS)).toBeLessThan(2 * MS + 100);
  });

  test("a device whose clock is slow is followed without a gap", () => {
    const slow = Array.from({ length: 30_000 }, (_, index) => block(index, (index + 1) * 10_002)); // 200 parts per million
    const frames = read(timeline(), slow);
    expect(marked(frames)).toEqual([]);
    expect(Math.abs((frames.at(-1)?.timestampUs ?? 0) - 29_999 * 10_002)).toBeLessThan(5 * MS);
  });

  test("a gap of more than 20 ms moves the time on and is marked", () => {
    const late = inTime(10, 20).map((one) => block(one.index, one.endUs + 300 * MS));
    const frames = read(timeline(), [...inTime(0, 10), ...late]);
    expect(indexes(frames)).toEqual(indexes(read(timeline(), inTime(0, 20))));
    expect(marked(frames)).toEqual([10]);
    expect(frames[10]?.timestampUs).toBe(400 * MS);
  });

  test("after a stall of the device the newest 60 ms are kept: no burst, no latency", () => {
    const stalled = inTime(10, 60).map((one) => block(one.index, 600 * MS + (one.index - 10) * 100));
    const target = timeline();
    const before = read(target, inTime(0, 10));
    const frames = read(target, [...stalled, ...inTime(60, 70, 5 * MS)]);
    expect(marked(before)).toEqual([]);
    expect(indexes(frames).slice(0, 7)).toEqual([54, 55, 56, 57, 58, 59, 60]);
    expect(marked(frames)).toEqual([54]);
    expect(Math.abs((frames[0]?.timestampUs ?? 0) - 540 * MS)).toBeLessThan(100);
    expect(target.droppedFrames).toBe(44);
  });

  test("a delay of less than 60 ms after which everything arrives loses nothing and marks nothing", () => {
    const delayed = inTime(10, 15).map((one) => block(one.index, 152 * MS + (one.index - 10) * 100));
    const frames = read(timeline(), [...inTime(0, 10), ...delayed, ...inTime(15, 20, 4 * MS)]);
    expect(indexes(frames)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(marked(frames)).toEqual([]);
  });

  test("of what an event loop that stood still finds in the pipe, the newest 60 ms are kept and the loss is marked", () => {
    const target = timeline();
    read(target, inTime(0, 10));
    const frames = target.push(inTime(10, 60), 600 * MS);
    expect(indexes(frames)).toEqual([53, 54, 55, 56, 57, 58, 59]);
    expect(marked(frames)).toEqual([53]);
    expect(frames[0]?.timestampUs).toBe(530 * MS);
    expect(indexes(target.push(inTime(60, 61), 610 * MS))).toEqual([60]);
  });

  test("blocks that the process could not send are marked and counted", () => {
    const target = timeline();
    const frames = read(target, [...inTime(0, 5), ...inTime(15, 20)]);
    expect(marked(frames)).toEqual([15]);
    expect(target.droppedFrames).toBe(10);
    expect(frames[5]?.timestampUs).toBe(150 * MS);
  });

  test("another stream goes on at its own time, marked", () => {
    const target = timeline();
    const before = read(target, inTime(0, 5));
    target.restart();
    const frames = read(target, [block(0, 2_000 * MS), block(1, 2_010 * MS)]);
    expect(marked(before)).toEqual([]);
    expect(marked(frames)).toEqual([0]);
    expect(frames[0]?.timestampUs).toBe(1_990 * MS);
  });

  test("whatever arrives when, time stamps only go forward, and what is lost is counted", () => {
    const arrivals = fc.array(fc.record({ skipped: fc.nat({ max: 3 }), pauseUs: fc.nat({ max: 200 * MS }) }), { maxLength: 200 });
    fc.assert(
      fc.property(arrivals, (steps) => {
        const target = timeline();
        let [index, endUs] = [0, 0];
        const frames: AudioFrame[] = [];
        for (const { skipped, pauseUs } of [{ skipped: 0, pauseUs: 0 }, ...steps]) {
          index += 1 + skipped;
          endUs += pauseUs % 3 === 0 ? 100 : pauseUs;
          frames.push(...target.push([block(index, endUs)], endUs));
        }
        frames.slice(1).forEach((frame, position) => {
          expect(frame.timestampUs).toBeGreaterThan(frames[position]?.timestampUs ?? 0);
        });
        const held = index - frames.length - target.droppedFrames;
        expect(held).toBeGreaterThanOrEqual(0);
        expect(held).toBeLessThanOrEqual(6);
      }),
    );
  });
});
