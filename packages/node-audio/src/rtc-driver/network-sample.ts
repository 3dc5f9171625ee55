import type { LocalAudioTrack } from "@livekit/rtc-node";
import type { NetworkSample } from "@roomtone/core";
import { readTrackStatistics } from "./rtc-internals.js";

const STATISTICS_DEADLINE_MS = 1000;

interface OutboundRtp {
  readonly sent?: { readonly packetsSent?: bigint; readonly bytesSent?: bigint };
}

interface RemoteInboundRtp {
  readonly rtc?: { readonly timestamp?: bigint };
  readonly received?: { readonly packetsLost?: bigint; readonly jitter?: number };
  readonly remoteInbound?: { readonly roundTripTime?: number; readonly fractionLost?: number; readonly roundTripTimeMeasurements?: bigint };
}

/** A reading of what a track sends and what the server last reported of it. */
export async function readNetworkSample(track: LocalAudioTrack): Promise<NetworkSample> {
  const statistics = await readTrackStatistics(track, STATISTICS_DEADLINE_MS);
  const { sent } = (statistics.get("outboundRtp") ?? {}) as OutboundRtp;
  const report = statistics.get("remoteInboundRtp") as RemoteInboundRtp | undefined;
  return {
    timestampMs: performance.now(),
    packetsSent: Number(sent?.packetsSent ?? 0),
    bytesSent: Number(sent?.bytesSent ?? 0),
    ...(report ? describeReport(report) : {}),
  };
}

/**
 * The report's own count of packets is always 0 here, so the mark of what arrived is the time at which the newest report
 * came: the server sends one a second for as long as it receives our packets.
 */
function describeReport({ rtc, received, remoteInbound }: RemoteInboundRtp): Partial<NetworkSample> {
  const arrivedMark = Number(rtc?.timestamp ?? 0);
  const isMeasured = Number(remoteInbound?.roundTripTimeMeasurements ?? 0) > 0;
  return {
    ...(arrivedMark > 0 ? { arrivedMark } : {}),
    ...(received?.packetsLost === undefined ? {} : { packetsLost: Math.max(0, Number(received.packetsLost)) }),
    ...(received?.jitter === undefined ? {} : { jitterMs: received.jitter * 1000 }),
    ...(remoteInbound?.fractionLost === undefined ? {} : { fractionLost: remoteInbound.fractionLost }),
    ...(isMeasured && remoteInbound?.roundTripTime !== undefined ? { roundTripMs: remoteInbound.roundTripTime * 1000 } : {}),
  };
}
