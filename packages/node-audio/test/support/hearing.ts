import { monitorEventLoopDelay } from "node:perf_hooks";
import type { AudioFrame, CaptureEvent, PcmCapture } from "@roomtone/core";
import type { DeviceChange } from "@roomtone/node-audio";
import { measureTone } from "@roomtone/testing";

/** For `expect.poll`: a guard against hanging, long enough for a machine that is busy with other tests. */
export const patiently = { timeout: 20_000, interval: 20 };

const WINDOW = 4_800;

/** How pure a tone is in the best 100 ms of `samples` (48 kHz): a busy machine makes gaps, and a gap is not another tone. */
export function bestPurity(samples: Int16Array, frequencyHz: number): number {
  let best = 0;
  for (let at = 0; at + WINDOW <= samples.length; at += WINDOW / 2) {
    best = Math.max(best, measureTone(samples.subarray(at, at + WINDOW), { sampleRateHz: 48_000, frequencyHz }).purity);
  }
  return best;
}

/** How purely `capture` hears a tone now. */
export async function heardPurity(capture: PcmCapture, frequencyHz: number, channel = 0): Promise<number> {
  return bestPurity(channelSamples(await listen(capture, 200), channel), frequencyHz);
}

/** The next frames of `capture`, `durationMs` of them. */
export async function listen(capture: PcmCapture, durationMs: number): Promise<AudioFrame[]> {
  const frames: AudioFrame[] = [];
  for await (const frame of capture.frames({ capacityMs: 1_000 })) {
    frames.push(frame);
    if (frames.length * 10 >= durationMs) break;
  }
  return frames;
}

/** One channel of `frames`. */
export function channelSamples(frames: readonly AudioFrame[], channel = 0): Int16Array {
  return Int16Array.from(
    frames.flatMap(({ samples, format }) => Array.from(samples.filter((_, index) => index % format.channels === channel))),
  );
}

/** Every event of `capture`, and how to wait for one of a type. */
export function eventsOf(capture: { on(listener: (event: CaptureEvent) => void): () => void }) {
  const events: CaptureEvent[] = [];
  const waiters = new Set<() => void>();
  capture.on((event) => {
    events.push(event);
    for (const wake of waiters) wake();
  });
  const next = async <T extends CaptureEvent["type"]>(type: T, after = 0): Promise<Extract<CaptureEvent, { type: T }>> => {
    for (;;) {
      const found = events.slice(after).find((event): event is Extract<CaptureEvent, { type: T }> => event.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => {
        waiters.add(resolve);
      });
    }
  };
  return { events, next };
}

/** The next change that `isWanted`: one event in the world may reach the watch as several. */
export async function changeUntil(
  changes: AsyncIterator<DeviceChange>,
  isWanted: (change: DeviceChange) => boolean,
): Promise<DeviceChange> {
  for (;;) {
    const { value, done } = await changes.next();
    if (done) throw new Error("the watch ended");
    if (isWanted(value)) return value;
  }
}

/**
 * What `listen` heard, and the shortest gap in it to be held against the way from the publisher: 60 ms. Publisher and listener share
 * this process: where all of it stands still for over 20 ms, the machine is to blame, and the gap has to be that much longer.
 */
export async function besidesStalls<T>(listen: () => Promise<T>): Promise<{ readonly heard: T; readonly minGapMs: number }> {
  const stalls = monitorEventLoopDelay({ resolution: 5 });
  stalls.enable();
  const heard = await listen();
  stalls.disable();
  const longestStallMs = stalls.max / 1e6;
  return { heard, minGapMs: longestStallMs < 20 ? 60 : 60 + longestStallMs };
}
