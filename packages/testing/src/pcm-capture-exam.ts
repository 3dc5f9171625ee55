import type { AudioFrame, FrameStream, PcmCapture } from "@roomtone/core";
import { describe, expect, type TestContext, test } from "vitest";

const FRAME_US = 10_000;

/** Opens a capture that goes on for three seconds at least. The exam closes it. */
export type OpenPcmCapture = () => PcmCapture | Promise<PcmCapture>;

export interface PcmCaptureExamOptions {
  /** Sit all questions at once, each with a capture of its own: quicker, where opening several does not disturb them. Default false. */
  readonly concurrent?: boolean;
}

/** What every `PcmCapture` has to do. Each implementation, the fakes too, calls this in a test file. */
export function describePcmCapture(name: string, open: OpenPcmCapture, options: PcmCaptureExamOptions = {}): void {
  describe(`${name} as a PcmCapture`, { concurrent: options.concurrent ?? false }, () => {
    const openCapture = async (finished: TestContext["onTestFinished"]): Promise<PcmCapture> => {
      const capture = await open();
      finished(() => capture.close());
      return capture;
    };

    test("says what it is", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      expect(capture.format).toEqual({ sampleRateHz: 48_000, channels: expect.toBeOneOf([1, 2]) });
      expect(capture.source.label.length).toBeGreaterThan(0);
    });

    test("delivers frames of 10 ms at 48 kHz, each a whole buffer", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      for (const frame of await take(capture.frames(), 5)) {
        expect(frame.format).toEqual(capture.format);
        expect(frame.samples.length).toBe(480 * capture.format.channels);
        expect([frame.samples.byteOffset, frame.samples.buffer.byteLength]).toEqual([0, frame.samples.byteLength]);
      }
    });

    test("has one timeline: contiguous, and forward only where it says that audio is missing", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      expectTimeline(await take(capture.frames({ capacityMs: 2000 }), 30));
    });

    test("gives two consumers the same frames, each at its own pace", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const [one, other] = [capture.frames({ capacityMs: 1000 }), capture.frames({ capacityMs: 1000 })];
      const first = await take(one, 10);
      const second = await take(other, 10);
      expect(second.map((frame) => frame.timestampUs)).toEqual(first.map((frame) => frame.timestampUs));
      expect(second.map((frame) => frame.samples)).toEqual(first.map((frame) => frame.samples));
    });

    test("goes on for the others when one leaves", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const [stays, leaves] = [capture.frames(), capture.frames({ capacityMs: 20 })];
      for await (const _frame of leaves) break;
      expect(await leaves.next()).toEqual({ done: true, value: undefined });
      expect(await take(stays, 10)).toHaveLength(10);
      expect(await take(capture.frames(), 3)).toHaveLength(3);
    });

    test("frees a consumer that leaves while it waits", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const stream = capture.frames();
      await take(stream, 1);
      const pending = [stream.next(), stream.next(), stream.next(), stream.next()];
      await stream.return();
      expect((await Promise.all(pending)).at(-1)).toEqual({ done: true, value: undefined });
    });

    test("ends an iteration without an error when its signal aborts, and only that one", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const abort = new AbortController();
      const [aborted, stays] = [capture.frames({ signal: abort.signal }), capture.frames()];
      let seen = 0;
      for await (const _frame of aborted) {
        seen += 1;
        if (seen === 3) abort.abort(new Error("enough"));
      }
      expect(seen).toBe(3);
      expect(await take(stays, 5)).toHaveLength(5);
      expect(await take(capture.frames({ signal: AbortSignal.abort() }), 1)).toEqual([]);
    });

    test("never touches a frame that it has given out", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const stream = capture.frames();
      const kept = await take(stream, 5);
      const copies = kept.map((frame) => frame.samples.slice());
      await take(stream, 20);
      expect(kept.map((frame) => frame.samples)).toEqual(copies);
      expect(new Set(kept.map((frame) => frame.samples.buffer)).size).toBe(kept.length);
    });

    test("treats a slow consumer by its policy: `wait` loses nothing, `drop-oldest` counts and marks every loss", async ({
      onTestFinished,
    }) => {
      const capture = await openCapture(onTestFinished);
      const [fast, slow] = [capture.frames({ capacityMs: 1000 }), capture.frames({ capacityMs: 50 })];
      if (capture.overflow === "wait") {
        const ahead = take(fast, 20);
        const late = [...(await take(slow, 1)), ...(await take(slow, 19))];
        expect(late.map((frame) => frame.timestampUs)).toEqual((await ahead).map((frame) => frame.timestampUs));
        expect(slow.droppedFrames).toBe(0);
        return;
      }
      const all = await take(fast, 20);
      const [first, second] = (await take(slow, 2)) as [AudioFrame, AudioFrame];
      const missed = all.findIndex((frame) => frame.timestampUs === first.timestampUs);
      expect(missed === -1 ? 20 : missed).toBeLessThanOrEqual(slow.droppedFrames);
      expect(slow.droppedFrames).toBeGreaterThanOrEqual(15);
      expect(first.discontinuity).toBe(true);
      expect(second.timestampUs).toBeGreaterThan(first.timestampUs);
    });

    test("ends every consumer when it closes, and any that comes later at once", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const streams = [capture.frames(), capture.frames()];
      await Promise.all(streams.map((stream) => take(stream, 2)));
      const rests = streams.map((stream) => drain(stream));
      await capture.close();
      await Promise.all(rests);
      expect(await drain(capture.frames())).toBe(0);
    });

    test("closes once: every caller awaits the same release", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      await take(capture.frames(), 1);
      await Promise.all([capture.close(), capture.close()]);
      await capture.close();
    });

    test("closes without ever having been read", async ({ onTestFinished }) => {
      await (await openCapture(onTestFinished)).close();
    });

    test("takes listeners and lets them go", async ({ onTestFinished }) => {
      const capture = await openCapture(onTestFinished);
      const stop = capture.on(() => {});
      stop();
      stop();
    });
  });
}

/** The next `count` frames; fewer where the stream ends. The stream stays open. */
async function take(stream: FrameStream, count: number): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  while (frames.length < count) {
    const result = await stream.next();
    if (result.done) break;
    frames.push(result.value);
  }
  return frames;
}

async function drain(stream: FrameStream): Promise<number> {
  let count = 0;
  for await (const _frame of stream) count += 1;
  return count;
}

function expectTimeline(frames: readonly AudioFrame[]): void {
  frames.forEach((frame, index) => {
    const previous = frames[index - 1];
    if (!previous) return;
    const stepUs = frame.timestampUs - previous.timestampUs;
    if (frame.discontinuity) expect(stepUs).toBeGreaterThanOrEqual(FRAME_US - 1);
    else expect(Math.abs(stepUs - FRAME_US)).toBeLessThan(FRAME_US / 2);
  });
}
