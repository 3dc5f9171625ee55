import type { Room } from "@livekit/rtc-node";

/** What libwebrtc says of an audio track that it receives. Counters only grow. */
export interface ReceiverStatistics {
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Packets that the decoder made from the copy in the one after. */
  readonly fecPacketsReceived: number;
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
      fecPacketsReceived: Number(inbound?.fecPacketsReceived),
      concealedSamples: Number(inbound?.concealedSamples),
      totalSamplesReceived: Number(inbound?.totalSamplesReceived),
    };
  }
  return undefined;
}
