import { type AudioFrame, RoomtoneError } from "@roomtone/core";
import { FakeCapture } from "@roomtone/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AudioSink, TrackFeed } from "./track-feed.js";

/** Frames written, each of which waits until the test lets it through. */
class HeldSink implements AudioSink {
  readonly channels = 1;
  readonly written: AudioFrame[] = [];
  failure: Error | undefined;
  hold = false;
  #release: Array<() => void> = [];

  async write(frame: AudioFrame): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.hold) await new Promise<void>((resolve) => this.#release.push(resolve));
    this.written.push(frame);
  }

  release(): void {
    this.hold = false;
    for (const release of this.#release.splice(0)) release();
  }
}

let sink: HeldSink;
let failures: unknown[];
let feed: TrackFeed;
beforeEach(() => {
  sink = new HeldSink();
  failures = [];
  feed = new TrackFeed(sink, false, (error) => failures.push(error));
});
afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a track's feed", () => {
  it("writes each frame once, in order, with the sink's channels", async () => {
    const capture = new FakeCapture({ channels: 2 });
    feed.read(capture);
    capture.push(3);
    await turn();
    expect(sink.written.map(({ timestampUs }) => timestampUs)).toEqual([0, 10_000, 20_000]);
    expect(sink.written.every(({ format, samples }) => format.channels === 1 && samples.length === 480)).toBe(true);
  });

  it("keeps the newest 60 ms through a stall: never a burst", async () => {
    const capture = new FakeCapture();
    feed.read(capture);
    sink.hold = true;
    capture.push(1);
    await turn();
    capture.push(50);
    sink.release();
    await turn();
    expect(sink.written.map(({ timestampUs }) => timestampUs / 10_000)).toEqual([0, 45, 46, 47, 48, 49, 50]);
  });

  it("writes nothing while it is muted, reads on, and goes on with the newest frame", async () => {
    const capture = new FakeCapture();
    feed.read(capture);
    feed.muted = true;
    for (let count = 0; count < 100; count += 1) {
      capture.push();
      await turn();
    }
    expect(sink.written).toEqual([]);
    feed.muted = false;
    capture.push();
    await turn();
    expect(sink.written.map(({ timestampUs }) => timestampUs / 10_000)).toEqual([100]);
  });

  it("reads another capture in place of the first, which stays open without a consumer", async () => {
    const [first, second] = [new FakeCapture(), new FakeCapture()];
    feed.read(first);
    first.push();
    await turn();
    feed.read(second);
    await turn();
    expect([first.consumerCount, first.closed, second.consumerCount]).toEqual([0, false, 1]);
    first.end();
    second.push();
    await turn();
    expect(sink.written).toHaveLength(2);
  });

  it("ends after what was captured and the silence that pushes it out were written, and had the time to play", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const capture = new FakeCapture();
    let end: RoomtoneError | undefined | "pending" = "pending";
    void feed.ended.then((error) => {
      end = error;
    });
    feed.read(capture);
    capture.push(3);
    capture.end();
    await turn();
    expect(sink.written).toHaveLength(5);
    expect(sink.written.slice(3).every(({ samples }) => samples.every((sample) => sample === 0))).toBe(true);
    expect(end).toBe("pending");
    vi.advanceTimersByTime(200);
    await turn();
    expect(end).toBeUndefined();
  });

  it("ends with the error that the capture ended with", async () => {
    const capture = new FakeCapture();
    feed.read(capture);
    const error = new RoomtoneError("device-lost", "The microphone is gone.");
    capture.fail(error);
    expect(await feed.ended).toBe(error);
  });

  it("stops and says so once where the sink takes no more", async () => {
    const capture = new FakeCapture();
    feed.read(capture);
    sink.failure = new Error("broken");
    capture.push(5);
    await turn();
    await turn();
    expect(failures).toEqual([sink.failure]);
    expect(capture.consumerCount).toBe(0);
  });

  it("says nothing of a failure after it was stopped", async () => {
    const capture = new FakeCapture();
    feed.read(capture);
    sink.failure = new Error("closed");
    capture.push();
    feed.stop();
    await turn();
    expect(failures).toEqual([]);
    expect(capture.consumerCount).toBe(0);
  });
});
