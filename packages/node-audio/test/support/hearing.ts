import type { AudioFrame, CaptureEvent, PcmCapture } from "@roomtone/core";

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
