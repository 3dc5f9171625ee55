import type { NetworkSample } from "@roomtone/core";

/** The fields of the browser's statistics that are read; older browsers lack some. */
interface SenderStats {
  readonly type: string;
  readonly id: string;
  readonly remoteId?: string;
  readonly timestamp: number;
  readonly packetsSent?: number;
  readonly bytesSent?: number;
  readonly packetsLost?: number;
  readonly packetsReceived?: number;
  readonly fractionLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly selectedCandidatePairId?: string;
  readonly responsesReceived?: number;
}

/**
 * One reading of a sender. A receiver report carries no highest sequence number into these statistics, so what arrived is
 * counted as what had been sent when the report came, less what it called lost.
 */
export class SenderSampler {
  #reportedAtMs = -1;
  #arrived: number | undefined;
  #lastFraction: number | undefined;

  async sample(sender: Pick<RTCRtpSender, "getStats"> | undefined): Promise<NetworkSample> {
    const stats: SenderStats[] = [];
    (await sender?.getStats())?.forEach((entry: SenderStats) => {
      stats.push(entry);
    });
    const outbound = stats.find((entry) => entry.type === "outbound-rtp");
    const remote = stats.find((entry) => entry.type === "remote-inbound-rtp");
    const packetsSent = outbound?.packetsSent ?? 0;
    const base = { timestampMs: performance.now(), packetsSent, bytesSent: outbound?.bytesSent ?? 0 };
    if (!remote) return base;
    if (remote.timestamp !== this.#reportedAtMs) this.#takeReport(remote, packetsSent);
    return {
      ...base,
      ...(this.#arrived === undefined ? {} : { arrivedMark: this.#arrived }),
      ...(remote.packetsLost === undefined ? {} : { packetsLost: Math.max(0, remote.packetsLost) }),
      ...(this.#lastFraction === undefined ? {} : { fractionLost: this.#lastFraction }),
      ...(remote.jitter === undefined ? {} : { jitterMs: remote.jitter * 1000 }),
      ...(remote.roundTripTime === undefined ? {} : { roundTripMs: remote.roundTripTime * 1000 }),
    };
  }

  #takeReport(remote: SenderStats, packetsSent: number): void {
    this.#reportedAtMs = remote.timestamp;
    this.#lastFraction = remote.fractionLost;
    const arrived = remote.packetsReceived ?? packetsSent - Math.max(0, remote.packetsLost ?? 0);
    this.#arrived = Math.max(this.#arrived ?? 0, arrived);
  }
}

/** Changes with each answer to a connectivity check on the path in use; undefined where the browser does not say. */
export async function connectivityMark(sender: Pick<RTCRtpSender, "getStats"> | undefined): Promise<string | undefined> {
  const stats = await sender?.getStats();
  let selected: string | undefined;
  stats?.forEach((entry: SenderStats) => {
    if (entry.type === "transport") selected = entry.selectedCandidatePairId;
  });
  const answers = selected && (stats?.get(selected) as SenderStats | undefined)?.responsesReceived;
  return answers ? `${selected} ${answers}` : undefined;
}
