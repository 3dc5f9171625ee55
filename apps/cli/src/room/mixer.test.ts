import { type AudioFrame, FrameFanout } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { Mixer } from "./mixer.js";

function frame(value: number, channels: 1 | 2 = 1, timestampUs = 0): AudioFrame {
  return {
    format: { sampleRateHz: 48_000, channels },
    samples: new Int16Array(480 * channels).fill(value),
    timestampUs,
    discontinuity: false,
  };
}

/** Lets every consumer that is waiting take what was pushed. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function collect(mixer: Mixer): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  for await (const mixed of mixer.frames) frames.push(mixed);
  return frames;
}

describe("the mixer", () => {
  it("passes a single source through, frame by frame", async () => {
    const mixer = new Mixer();
    const all = collect(mixer);
    const source = new FrameFanout("drop-oldest");
    const added = mixer.add(source.open());
    for (let index = 0; index < 10; index += 1) {
      source.push(frame(index));
      await settle();
    }
    source.end();
    await added;
    await mixer.end();
    expect((await all).map((one) => one.samples[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("adds sources up, and limits instead of wrapping around", async () => {
    const mixer = new Mixer();
    const all = collect(mixer);
    const [one, other] = [new FrameFanout("drop-oldest"), new FrameFanout("drop-oldest")];
    void mixer.add(one.open());
    void mixer.add(other.open());
    for (const [a, b] of [
      [100, 23],
      [30_000, 30_000],
      [-30_000, -30_000],
    ] as const) {
      one.push(frame(a));
      other.push(frame(b));
      await settle();
    }
    await mixer.end();
    expect((await all).map((mixed) => mixed.samples[479])).toEqual([123, 32_767, -32_768]);
  });

  it("goes on without a source that fell silent, 50 ms later, and loses nothing of the others", async () => {
    const mixer = new Mixer();
    const all = collect(mixer);
    const [talking, silent] = [new FrameFanout("drop-oldest"), new FrameFanout("drop-oldest")];
    void mixer.add(talking.open());
    void mixer.add(silent.open());
    for (let index = 1; index <= 20; index += 1) {
      talking.push(frame(index));
      await settle();
    }
    silent.end();
    await settle();
    await mixer.end();
    expect((await all).map((mixed) => mixed.samples[0])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it("brings stereo sources to a mono mix", async () => {
    const mixer = new Mixer();
    const all = collect(mixer);
    const [mono, stereo] = [new FrameFanout("drop-oldest"), new FrameFanout("drop-oldest")];
    void mixer.add(mono.open());
    mono.push(frame(1));
    await settle();
    void mixer.add(stereo.open());
    mono.push(frame(10));
    stereo.push({ ...frame(0, 2), samples: Int16Array.from({ length: 960 }, (_, index) => (index % 2 === 0 ? 100 : 200)) });
    await settle();
    await mixer.end();
    const frames = await all;
    expect(frames.map((mixed) => [mixed.format.channels, mixed.samples.length, mixed.samples[7]])).toEqual([
      [1, 480, 1],
      [1, 480, 160],
    ]);
  });

  it("releases its sources at the end, and goes on when one fails", async () => {
    const mixer = new Mixer();
    const [failing, living] = [new FrameFanout("drop-oldest"), new FrameFanout("drop-oldest")];
    const failed = mixer.add(failing.open());
    void mixer.add(living.open());
    failing.end({ error: new Error("gone") });
    await failed;
    living.push(frame(5));
    await settle();
    expect((await mixer.frames.next()).value?.samples[0]).toBe(5);
    await mixer.end();
    expect(living.consumerCount).toBe(0);
    expect(await new Mixer().end()).toBeUndefined();
  });
});
