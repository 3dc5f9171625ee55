import type { AudioFrame } from "@roomtone/core";
import { describe, expect, test } from "vitest";
import { PlaybackInput, PlaybackMixer } from "./playback-mixer.js";

function frame(value: number, channels: 1 | 2 = 2, frames = 480): AudioFrame {
  const samples = new Int16Array(frames * channels).fill(value);
  return { format: { sampleRateHz: 48_000, channels }, samples, timestampUs: 0, discontinuity: false };
}

function filled(mixer: PlaybackMixer, values: readonly number[], overflow: "wait" | "drop-oldest" = "wait"): PlaybackInput {
  const input = new PlaybackInput(overflow);
  mixer.add(input);
  for (const value of values) input.push(frame(value));
  return input;
}

describe("PlaybackMixer", () => {
  test("a sound begins when 30 ms of it are there, or its end", () => {
    const mixer = new PlaybackMixer();
    const input = filled(mixer, [1, 2]);
    expect(mixer.next()).toBeUndefined();
    input.push(frame(3));
    expect(mixer.next()?.[0]).toBe(1);
    const short = new PlaybackMixer();
    filled(short, [7]).end();
    expect(short.next()?.[0]).toBe(7);
  });

  test("two sounds are added, and what is too loud is cut off at full scale", () => {
    const mixer = new PlaybackMixer();
    filled(mixer, [1_000, 30_000, -30_000]);
    filled(mixer, [10, 30_000, -30_000]);
    expect([mixer.next(), mixer.next(), mixer.next()].map((block) => block?.[0])).toEqual([1_010, 32_767, -32_768]);
    expect(mixer.next()).toBeUndefined();
  });

  test("mono is played on both sides, and frames of any length are cut into 10 ms", () => {
    const mixer = new PlaybackMixer();
    const input = new PlaybackInput("wait");
    mixer.add(input);
    input.push(frame(5, 1, 700));
    input.push(frame(6, 2, 260));
    input.end();
    const blocks = [mixer.next(), mixer.next()];
    expect(blocks.map((block) => block?.length)).toEqual([960, 960]);
    expect([blocks[1]?.[439], blocks[1]?.[440]]).toEqual([5, 6]);
    expect(mixer.next()).toBeUndefined();
  });

  test("live sound loses a backlog of more than 80 ms and counts it; a file waits", async () => {
    const mixer = new PlaybackMixer();
    filled(mixer, [1, 2, 3, 4, 5, 6, 7, 8, 9], "drop-oldest");
    expect(mixer.next()?.[0]).toBe(7);
    expect(mixer.droppedFrames).toBe(6);
    const waiting = new PlaybackMixer();
    const input = filled(waiting, [1, 2, 3]);
    let hasRoom = false;
    const room = input.room().then(() => {
      hasRoom = true;
    });
    await Promise.resolve();
    expect(hasRoom).toBe(false);
    waiting.next();
    await room;
    expect(waiting.droppedFrames).toBe(0);
  });

  test("after the speaker ran dry a sound begins again with 30 ms", () => {
    const mixer = new PlaybackMixer();
    const input = filled(mixer, [1, 2, 3]);
    while (mixer.next());
    mixer.starved();
    input.push(frame(4));
    expect(mixer.next()).toBeUndefined();
  });

  test("frames of another rate are refused", () => {
    const odd = { ...frame(1), format: { sampleRateHz: 44_100, channels: 2 as const } };
    expect(() => new PlaybackInput("wait").push(odd)).toThrow(expect.objectContaining({ code: "invalid-settings" }));
  });
});
