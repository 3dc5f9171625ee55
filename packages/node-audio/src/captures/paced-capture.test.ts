import type { AudioFrame, FrameStream, OverflowPolicy } from "@roomtone/core";
import { VirtualClock } from "@roomtone/testing";
import { describe, expect, test } from "vitest";
import { PacedCapture } from "./paced-capture.js";

interface Played {
  readonly frame: AudioFrame;
  readonly atMs: number;
}

function playing(options: { overflow?: OverflowPolicy; read?: (index: number) => Promise<Int16Array | undefined> } = {}) {
  const clock = new VirtualClock();
  let reads = 0;
  let closes = 0;
  const capture = new PacedCapture({
    source: { kind: "custom", label: "test" },
    format: { sampleRateHz: 48_000, channels: 1 },
    overflow: options.overflow ?? "wait",
    toleranceMs: 20,
    clock,
    audio: {
      read: () => {
        reads += 1;
        return options.read?.(reads - 1) ?? Promise.resolve(new Int16Array(480).fill(reads));
      },
      close: async () => {
        closes += 1;
      },
    },
  });
  return { clock, capture, reads: () => reads, closes: () => closes };
}

/** Reads for ever, noting when each frame came. */
function listen(stream: FrameStream, clock: VirtualClock): Played[] {
  const played: Played[] = [];
  void (async () => {
    for await (const frame of stream) played.push({ frame, atMs: clock.nowMs() });
  })();
  return played;
}

describe("pacing", () => {
  test("gives a frame every 10 ms, and 10 s of audio take 10 s", async () => {
    const { clock, capture } = playing();
    const played = listen(capture.frames(), clock);
    await clock.advance(9_995);
    expect(played).toHaveLength(1000);
    played.forEach(({ frame, atMs }, index) => {
      expect(atMs).toBeCloseTo(index * 10, 6);
      expect(frame).toMatchObject({ timestampUs: index * 10_000, discontinuity: false });
    });
    await capture.close();
  });

  test("makes up for a timer that is late, so that errors do not add up", async () => {
    const { clock, capture } = playing();
    const late = {
      ...clock,
      nowMs: () => clock.nowMs(),
      setTimer: (callback: () => void, delayMs: number) => clock.setTimer(callback, delayMs + 3),
    };
    const lateCapture = new PacedCapture({ ...optionsOf(capture), clock: late });
    const played = listen(lateCapture.frames(), clock);
    await clock.advance(10_000);
    expect(played.length).toBeGreaterThanOrEqual(999);
    expect(played.every(({ frame }) => !frame.discontinuity)).toBe(true);
    await lateCapture.close();
    await capture.close();
  });

  test("moves the schedule after a stall, and never delivers a burst", async () => {
    let release = () => {};
    const stall = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { clock, capture } = playing({
      read: async (index) => {
        if (index === 10) await stall;
        return new Int16Array(480).fill(index);
      },
    });
    const played = listen(capture.frames(), clock);
    await clock.advance(600);
    expect(played).toHaveLength(10);
    release();
    await clock.advance(200);
    expect(played.map(({ frame }) => frame.samples[0])).toEqual(played.map((_, index) => index));
    expect(played[10]?.frame).toMatchObject({ timestampUs: 600_000, discontinuity: true });
    played.slice(11).forEach(({ frame, atMs }, index) => {
      expect(atMs).toBeCloseTo(610 + index * 10, 6);
      expect(frame.discontinuity).toBe(false);
    });
    await capture.close();
  });
});

describe("a capture of audio at rest", () => {
  test("reads nothing until somebody listens, and stands still when nobody does", async () => {
    const { clock, capture, reads } = playing();
    await clock.advance(500);
    expect(reads()).toBe(0);
    const stream = capture.frames();
    await stream.next();
    await stream.return();
    await clock.advance(500);
    const readSoFar = reads();
    await clock.advance(5000);
    expect(reads()).toBe(readSoFar);
    // Nothing was lost on nobody.
    const again = listen(capture.frames(), clock);
    await clock.advance(50);
    expect(again[0]?.frame).toMatchObject({ discontinuity: true });
    expect(again[0]?.frame.samples[0]).toBe(2);
    await capture.close();
  });

  test("that waits is held up by its slowest consumer, and loses nothing", async () => {
    const { clock, capture, reads } = playing();
    const fast = listen(capture.frames(), clock);
    const slow = capture.frames({ capacityMs: 50 });
    await clock.advance(1000);
    expect(fast).toHaveLength(5);
    expect(reads()).toBe(6);
    await slow.return();
    await clock.advance(100);
    expect(fast.map(({ frame }) => frame.samples[0])).toEqual(fast.map((_, index) => index + 1));
    expect(fast.length).toBeGreaterThan(10);
    await capture.close();
  });

  test("that drops is held up by nobody", async () => {
    const { clock, capture } = playing({ overflow: "drop-oldest" });
    const fast = listen(capture.frames(), clock);
    const slow = capture.frames({ capacityMs: 50 });
    await clock.advance(995);
    expect(fast).toHaveLength(100);
    expect(slow.droppedFrames).toBe(95);
    await capture.close();
  });

  test("ends its consumers with the audio, and frees it at once", async () => {
    const { clock, capture, closes } = playing({ read: async (index) => (index < 3 ? new Int16Array(480) : undefined) });
    const played = listen(capture.frames(), clock);
    await clock.advance(100);
    expect([played.length, closes()]).toEqual([3, 1]);
    await capture.close();
    expect(closes()).toBe(1);
  });

  test("gives a failure to every consumer, as an error of ours", async () => {
    const { capture } = playing({
      read: async () => {
        throw new Error("vendor says token=secret");
      },
    });
    await expect(capture.frames().next()).rejects.toMatchObject({ code: "internal", message: expect.not.stringContaining("secret") });
    await expect(capture.frames().next()).rejects.toMatchObject({ code: "internal" });
    await capture.close();
  });

  test("closes while it waits for time, and leaves no timer", async () => {
    const { clock, capture } = playing();
    listen(capture.frames(), clock);
    await clock.advance(15);
    expect(clock.pendingTimers).toBe(1);
    await capture.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

function optionsOf(capture: PacedCapture) {
  const audio = { read: async () => new Int16Array(480), close: async () => {} };
  return { source: capture.source, format: capture.format, overflow: capture.overflow, toleranceMs: 20, audio };
}
