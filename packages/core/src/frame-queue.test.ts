import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameQueue } from "./frame-queue.js";

/** One step of a producer or consumer. `take` starts a read that may have to wait. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("push" as const) },
  { weight: 4, arbitrary: fc.constant("take" as const) },
  fc.constant("trim" as const),
);

describe("a queue that drops the oldest", () => {
  test("delivers in order, counts every loss, and marks exactly the first item after each", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), fc.boolean(), async (steps, capacity, settle) => {
        const queue = new FrameQueue<{ id: number; marked: boolean }>({
          capacity,
          overflow: "drop-oldest",
          afterLoss: (item) => ({ ...item, marked: true }),
        });
        const reads: Array<Promise<IteratorResult<{ id: number; marked: boolean }>>> = [];
        let pushed = 0;
        for (const action of steps) {
          if (action === "push") queue.push({ id: pushed++, marked: false });
          else if (action === "take") reads.push(queue.next());
          else queue.trim(1);
          expect(queue.length).toBeLessThanOrEqual(capacity);
          if (settle) await Promise.resolve();
        }
        queue.end();
        const got = (await Promise.all(reads)).flatMap((result) => (result.done ? [] : [result.value]));
        for await (const item of queue) got.push(item);

        expect(got.map((item) => item.id)).toEqual([...got.map((item) => item.id)].sort((a, b) => a - b));
        expect(got.length + queue.dropped).toBe(pushed);
        got.forEach((item, index) => {
          const previous = got[index - 1]?.id ?? -1;
          expect(item.marked).toBe(item.id !== previous + 1);
        });
      }),
    );
  });
});

describe("a queue that makes the producer wait", () => {
  test("loses nothing, whatever the order of pushes, reads and turns", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 25 }),
        async (scheduler, capacity, count) => {
          const queue = new FrameQueue<number>({ capacity, overflow: "wait" });
          const got: number[] = [];
          const produce = async () => {
            for (let item = 0; item < count; item += 1) {
              await scheduler.schedule(Promise.resolve());
              await queue.room();
              expect(queue.push(item)).toBe(true);
            }
            queue.end();
          };
          const consume = async () => {
            for await (const item of queue) {
              got.push(item);
              await scheduler.schedule(Promise.resolve());
            }
          };
          const both = Promise.all([produce(), consume()]);
          await scheduler.waitFor(both);
          expect(got).toEqual(Array.from({ length: count }, (_, index) => index));
          expect(queue.dropped).toBe(0);
        },
      ),
    );
  });

  test("refuses an item when full, and takes it after a read", async () => {
    const queue = new FrameQueue<number>({ capacity: 1, overflow: "wait" });
    expect([queue.push(1), queue.push(2)]).toEqual([true, false]);
    await queue.next();
    expect(queue.push(2)).toBe(true);
  });

  test("lets a waiting producer go when the consumer leaves, when it ends and when it fails", async () => {
    for (const finish of [
      (queue: FrameQueue<number>) => queue.return(),
      (queue: FrameQueue<number>) => queue.end(),
      (queue: FrameQueue<number>) => queue.fail("x"),
    ]) {
      const queue = new FrameQueue<number>({ capacity: 1, overflow: "wait" });
      queue.push(1);
      const room = queue.room();
      await finish(queue);
      await room;
      expect(queue.push(2)).toBe(false);
    }
  });
});

test("several reads at once are all answered", async () => {
  const queue = new FrameQueue<number>({ capacity: 5, overflow: "drop-oldest" });
  const reads = [queue.next(), queue.next(), queue.next()];
  queue.push(1);
  queue.push(2);
  queue.end();
  expect((await Promise.all(reads)).map((result) => (result.done ? "end" : result.value))).toEqual([1, 2, "end"]);
});

test("a failure comes after what is queued, once; then the iteration is over", async () => {
  const queue = new FrameQueue<number>({ capacity: 5, overflow: "wait" });
  queue.push(1);
  queue.fail(new Error("gone"));
  expect(await queue.next()).toEqual({ done: false, value: 1 });
  await expect(queue.next()).rejects.toThrow("gone");
  expect(await queue.next()).toEqual({ done: true, value: undefined });
});

test("leaving ends a pending read, frees what is held, and tells the owner once", async () => {
  let returns = 0;
  const queue = new FrameQueue<number>({ capacity: 5, overflow: "wait", onReturn: () => (returns += 1) });
  const pending = queue.next();
  await queue.return();
  await queue.return();
  expect(await pending).toEqual({ done: true, value: undefined });
  expect([returns, queue.length, queue.push(1)]).toEqual([1, 0, false]);
});

test("a capacity that is no bound is refused", () => {
  for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => new FrameQueue({ capacity, overflow: "wait" })).toThrow(expect.objectContaining({ code: "invalid-settings" }));
  }
});
