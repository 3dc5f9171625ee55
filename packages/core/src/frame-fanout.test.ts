import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AudioFrame } from "./audio.js";
import type { FrameStream } from "./capture.js";
import { FrameFanout } from "./frame-fanout.js";

const frameOf = (index: number): AudioFrame => ({
  format: { sampleRateHz: 48_000, channels: 1 },
  samples: new Int16Array(480).fill(index),
  timestampUs: index * 10_000,
  discontinuity: false,
});

async function collect(stream: FrameStream): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  for await (const frame of stream) frames.push(frame);
  return frames;
}

const indexOf = (frame: AudioFrame): number => frame.timestampUs / 10_000;

describe("live frames", () => {
  test("reach each consumer in order; what is missing is counted exactly and the frame after it marked", async () => {
    const actions = fc.array(fc.oneof(fc.constant("push" as const), fc.record({ read: fc.integer({ min: 0, max: 2 }) })), {
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(actions, fc.integer({ min: 1, max: 4 }), fc.boolean(), async (steps, capacity, settle) => {
        const fanout = new FrameFanout("drop-oldest");
        const consumers = [0, 1, 2].map(() => ({
          stream: fanout.open({ capacityMs: capacity * 10 }),
          reads: [] as Array<Promise<IteratorResult<AudioFrame>>>,
        }));
        let pushed = 0;
        for (const action of steps) {
          if (action === "push") fanout.push(frameOf(pushed++));
          else consumers[action.read]?.reads.push(consumers[action.read]?.stream.next() ?? Promise.reject(new Error("no such consumer")));
          if (settle) await Promise.resolve();
        }
        fanout.end();
        for (const { stream, reads } of consumers) {
          const got = (await Promise.all(reads)).flatMap((result) => (result.done ? [] : [result.value]));
          got.push(...(await collect(stream)));
          expect(got.length + stream.droppedFrames).toBe(pushed);
          got.forEach((frame, index) => {
            const previous = got[index - 1];
            expect(frame.discontinuity).toBe(indexOf(frame) !== (previous ? indexOf(previous) + 1 : 0));
            expect(frame.samples[0]).toBe(indexOf(frame));
          });
        }
        expect(fanout.consumerCount).toBe(0);
      }),
    );
  });

  test("pushed between a read and its turn leave the frame that was read unmarked", async () => {
    const fanout = new FrameFanout("drop-oldest");
    const stream = fanout.open({ capacityMs: 10 });
    fanout.push(frameOf(0));
    const first = stream.next();
    fanout.push(frameOf(1));
    fanout.push(frameOf(2));
    expect((await first).value).toMatchObject({ timestampUs: 0, discontinuity: false });
    expect((await stream.next()).value).toMatchObject({ timestampUs: 20_000, discontinuity: true });
    expect(stream.droppedFrames).toBe(1);
  });
});

describe("frames that wait", () => {
  test("reach every consumer complete, while others come and go", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.integer({ min: 0, max: 10 }), { maxLength: 3 }),
        async (scheduler, count, leavers) => {
          const fanout = new FrameFanout("wait");
          const stayer = fanout.open({ capacityMs: 20 });
          const got: number[] = [];
          const stay = async () => {
            for await (const frame of stayer) {
              got.push(indexOf(frame));
              await scheduler.schedule(Promise.resolve());
            }
          };
          const leave = async (after: number) => {
            const stream = fanout.open({ capacityMs: 10 });
            for (let taken = 0; taken < after; taken += 1) {
              if ((await stream.next()).done) break;
              await scheduler.schedule(Promise.resolve());
            }
            await stream.return();
          };
          const produce = async () => {
            for (let index = 0; index < count; index += 1) {
              await scheduler.schedule(Promise.resolve());
              await fanout.room();
              fanout.push(frameOf(index));
            }
            fanout.end();
          };
          await scheduler.waitFor(Promise.all([stay(), produce(), ...leavers.map(leave)]));
          expect(got).toEqual(Array.from({ length: count }, (_, index) => index));
          expect(stayer.droppedFrames).toBe(0);
          expect(fanout.consumerCount).toBe(0);
        },
      ),
    );
  });

  test("that a producer pushes without waiting are counted and marked where they are missing", async () => {
    const fanout = new FrameFanout("wait");
    const stream = fanout.open({ capacityMs: 20 });
    for (const index of [0, 1, 2, 3]) fanout.push(frameOf(index));
    expect(indexOf((await stream.next()).value)).toBe(0);
    fanout.push(frameOf(4));
    fanout.end();
    expect(stream.droppedFrames).toBe(2);
    expect((await collect(stream)).map((frame) => [indexOf(frame), frame.discontinuity])).toEqual([
      [1, false],
      [4, true],
    ]);
  });
});

describe("a consumer", () => {
  test("that aborts leaves at once, with what is queued, and the producer goes on", async () => {
    const fanout = new FrameFanout("wait");
    const abort = new AbortController();
    const stream = fanout.open({ signal: abort.signal, capacityMs: 10 });
    fanout.push(frameOf(0));
    const room = fanout.room();
    abort.abort();
    await room;
    expect(await collect(stream)).toEqual([]);
    expect(fanout.consumerCount).toBe(0);
  });

  test("whose signal is aborted already gets nothing and leaves no trace", async () => {
    const fanout = new FrameFanout("drop-oldest");
    expect(await collect(fanout.open({ signal: AbortSignal.abort() }))).toEqual([]);
    expect(fanout.consumerCount).toBe(0);
  });

  test("that comes after the end ends at once; after a failure with its error", async () => {
    const ended = new FrameFanout("drop-oldest");
    ended.end();
    expect(await collect(ended.open())).toEqual([]);
    const failed = new FrameFanout("drop-oldest");
    failed.end({ error: new Error("unplugged") });
    await expect(collect(failed.open())).rejects.toThrow("unplugged");
    expect([ended.consumerCount, failed.consumerCount]).toEqual([0, 0]);
  });

  test("is let go by its signal when it has left", async () => {
    let listeners = 0;
    const signal = {
      aborted: false,
      reason: undefined,
      throwIfAborted: () => {},
      addEventListener: () => (listeners += 1),
      removeEventListener: () => (listeners -= 1),
    };
    const fanout = new FrameFanout("drop-oldest");
    const stream = fanout.open({ signal });
    expect(listeners).toBe(1);
    await stream.return();
    expect(listeners).toBe(0);
  });

  test("with no bound is refused", () => {
    for (const capacityMs of [0, -10, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new FrameFanout("wait").open({ capacityMs })).toThrow(expect.objectContaining({ code: "invalid-settings" }));
    }
  });
});

test("a producer that waits for a consumer is woken by the first, and by the end", async () => {
  const fanout = new FrameFanout("wait");
  const first = fanout.consumer();
  const stream = fanout.open();
  await first;
  await stream.return();
  const second = fanout.consumer();
  fanout.end();
  await second;
  expect(fanout.ended).toBe(true);
});
