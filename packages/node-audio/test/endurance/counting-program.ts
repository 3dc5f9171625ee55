/** A process that joins rooms as a subscriber, counts what arrives, and answers its parent. */
import { type RawPacket, RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { measureLatencyMs } from "./latency.ts";
import { StreamCounter } from "./stream-counts.ts";

export type CountingRequest =
  | { readonly kind: "join"; readonly url: string; readonly token: string; readonly sealed: boolean }
  | { readonly kind: "latency"; readonly environment: Readonly<Record<string, string>> }
  | { readonly kind: "leave-all" | "counts" | "reset-gaps" };

const subscribers = new Set<RawSubscriber>();
const streams = new Map<string, StreamCounter>();
let joins = 0;
let listener: ((packet: RawPacket, stream: string) => void) | undefined;

const hear = (added: (packet: RawPacket, stream: string) => void) => {
  listener = added;
  return () => {
    listener = undefined;
  };
};

async function answer(request: CountingRequest): Promise<unknown> {
  switch (request.kind) {
    case "join": {
      joins += 1;
      const own = joins;
      const take = (packet: RawPacket, streamId: number) => {
        const key = `${own}/${streamId}`;
        const counter = streams.get(key) ?? new StreamCounter(request.sealed);
        streams.set(key, counter);
        counter.take(packet);
        listener?.(packet, key);
      };
      const subscriber = await RawSubscriber.join(request.url, request.token, { take, sealed: request.sealed });
      subscribers.add(subscriber);
      return undefined;
    }
    case "latency":
      return measureLatencyMs(request.environment, hear);
    case "leave-all":
      await Promise.all([...subscribers].map((subscriber) => subscriber.leave()));
      subscribers.clear();
      streams.clear();
      return undefined;
    case "counts":
      return Object.fromEntries([...streams].map(([key, counter]) => [key, counter.count]));
    case "reset-gaps":
      for (const counter of streams.values()) counter.resetGap();
      return undefined;
  }
}

process.on("message", ({ id, request }: { id: number; request: CountingRequest }) => {
  void answer(request).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
