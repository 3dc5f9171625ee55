import { expect, test } from "vitest";
import { FakeCapture } from "./fake-capture.js";
import { describePcmCapture } from "./pcm-capture-exam.js";
import { measureTone } from "./signals/detectors.js";
import { samplesOf } from "./signals/generators.js";

describePcmCapture("a fake that drops", () => new FakeCapture({ running: true }));
describePcmCapture("a stereo fake that waits", () => new FakeCapture({ running: true, overflow: "wait", channels: 2 }));

test("a fake delivers what the test pushes: an unbroken tone, a marked gap, an end", async () => {
  const capture = new FakeCapture({ frequencyHz: 1000 });
  const stream = capture.frames({ capacityMs: 3000 });
  capture.push(150);
  capture.gap(50);
  capture.push();
  capture.end();
  const frames = [];
  for await (const frame of stream) frames.push(frame);
  expect(frames).toHaveLength(151);
  expect(measureTone(samplesOf(frames.slice(0, 150)), { sampleRateHz: 48_000, frequencyHz: 1000 }).purity).toBeGreaterThan(0.99);
  expect(frames[150]).toMatchObject({ timestampUs: 1_550_000, discontinuity: true });
});

test("a fake fails and speaks when told", async () => {
  const capture = new FakeCapture();
  const heard: string[] = [];
  const stop = capture.on((event) => heard.push(event.type));
  capture.emit({ type: "device-lost", deviceName: "fake" });
  stop();
  capture.emit({ type: "device-lost", deviceName: "fake" });
  expect(heard).toEqual(["device-lost"]);
  capture.fail(new Error("unplugged"));
  await expect(capture.frames().next()).rejects.toThrow("unplugged");
});
