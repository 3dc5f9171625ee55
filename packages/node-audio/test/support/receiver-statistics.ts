import type { Room } from "@livekit/rtc-node";

/** What libwebrtc says of an audio track that it receives. Counters only grow. */
export interface ReceiverStatistics {
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Lost packets that the decoder made from the copy in the one after. */
  readonly madeFromCopies: number;
  readonly concealedSamples: number;
  readonly totalSamplesReceived: number;
}

/** Of the first audio track that the room receives; undefined where it receives none. */
export async function readReceiverStatistics(room: Room): Promise<ReceiverStatistics | undefined> {
  const { publisherStats, subscriberStats } = await room.getRtcStats();
  for (const { stats } of [...subscriberStats, ...publisherStats]) {
    if (stats.case !== "inboundRtp") continue;
    const { received, inbound } = stats.value;
    return {
      packetsReceived: Number(received?.packetsReceived),
      packetsLost: Number(received?.packetsLost),
      // Every copy that comes is counted as received; those of packets that came too are discarded.
      madeFromCopies: Number((inbound?.fecPacketsReceived ?? 0n) - (inbound?.fecPacketsDiscarded ?? 0n)),
      concealedSamples: Number(inbound?.concealedSamples),
      totalSamplesReceived: Number(inbound?.totalSamplesReceived),
    };
  }
  return undefined;
}
