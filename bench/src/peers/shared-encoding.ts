import { type EncodedCapture, type EncodedPacket, FrameQueue, Framer, type PcmCapture } from "@roomtone/core";
import { createOpusEncoder } from "@roomtone/node-audio";

/** Packets of 20 ms that wait for a room: 200 ms, as for any live capture. */
const CAPACITY_PACKETS = 10;

/** `capture`, encoded once with the profile `voice`, for any number of rooms. */
export async function encodeOnce(capture: PcmCapture): Promise<EncodedCapture> {
  const encoder = await createOpusEncoder();
  const format = { sampleRateHz: 48_000, channels: 1 } as const;
  const consumers = new Set<FrameQueue<EncodedPacket>>();
  const frames = capture.frames();
  const running = (async () => {
    const framer = new Framer({ format, frameDurationMs: encoder.settings.frameDurationMs });
    for await (const block of frames) {
      for (const frame of framer.push(block)) {
        const { timestampUs, discontinuity } = frame;
        const packet = { codec: "opus", payload: encoder.encode(frame), timestampUs, durationUs: 20_000, discontinuity } as const;
        for (const consumer of consumers) consumer.push(packet);
      }
    }
  })();
  return {
    codec: "opus",
    source: capture.source,
    format,
    on: (listener) => capture.on(listener),
    packets: ({ signal } = {}) => {
      const onReturn = () => consumers.delete(queue);
      const queue = new FrameQueue<EncodedPacket>({ capacity: CAPACITY_PACKETS, overflow: "drop-oldest", onReturn });
      consumers.add(queue);
      signal?.addEventListener?.("abort", () => void queue.return());
      return queue;
    },
    close: async () => {
      await frames.return?.();
      await running;
      encoder.close();
    },
  };
}
