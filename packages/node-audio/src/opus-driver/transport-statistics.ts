import type { NetworkSample } from "@roomtone/core";

const TICKS_PER_MS = 48;
/** Seconds between the epochs of NTP (1900) and Unix (1970). */
const NTP_OFFSET_S = 2_208_988_800;
/** Sender reports whose echo may still come: at one a second, far more than a report takes. */
const REMEMBERED_REPORTS = 16;

/** One block of a receiver report, as RFC 3550 has it. */
export interface ReceptionReport {
  /** Of 256. */
  readonly fractionLost: number;
  readonly packetsLost: number;
  /** Highest sequence number, extended by the count of its wraps. */
  readonly highestSequence: number;
  /** In ticks of the RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 where none came. */
  readonly lsr: number;
  /** Since that report, in units of 1/65536 s. */
  readonly dlsr: number;
}

/** What we know of a track's way to the server: what we sent, and what the server's receiver reports say. */
export class TransportStatistics {
  #packetsSent = 0;
  #bytesSent = 0;
  #reported: ReceptionReport | undefined;
  #roundTripMs: number | undefined;
  readonly #sentReports = new Map<number, number>();

  get packetsSent(): number {
    return this.#packetsSent;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  packetSent(payloadBytes: number): void {
    this.#packetsSent += 1;
    this.#bytesSent += payloadBytes;
  }

  /** The NTP time for a sender report that goes out now; its echo will give the round trip. */
  senderReport(wallClockMs: number, nowMs: number): bigint {
    const ntp = toNtp(wallClockMs);
    this.#sentReports.set(compact(ntp), nowMs);
    for (const oldest of this.#sentReports.keys()) {
      if (this.#sentReports.size <= REMEMBERED_REPORTS) break;
      this.#sentReports.delete(oldest);
    }
    return ntp;
  }

  reported(report: ReceptionReport, nowMs: number): void {
    this.#reported = report;
    // An echo of a report that we do not remember says nothing, and neither does one that nobody sent.
    const sentMs = report.lsr === 0 ? undefined : this.#sentReports.get(report.lsr);
    if (sentMs !== undefined) this.#roundTripMs = Math.max(0, nowMs - sentMs - (report.dlsr * 1000) / 65_536);
  }

  sample(nowMs: number): NetworkSample {
    const reported = this.#reported;
    return {
      timestampMs: nowMs,
      packetsSent: this.#packetsSent,
      bytesSent: this.#bytesSent,
      // A server whose first report never comes has nothing of us, either.
      arrivedMark: reported?.highestSequence ?? 0,
      ...(reported && {
        packetsLost: reported.packetsLost,
        fractionLost: reported.fractionLost / 256,
        jitterMs: reported.jitter / TICKS_PER_MS,
      }),
      ...(this.#roundTripMs !== undefined && { roundTripMs: this.#roundTripMs }),
    };
  }
}

function toNtp(wallClockMs: number): bigint {
  const seconds = Math.floor(wallClockMs / 1000);
  const fraction = Math.floor(((wallClockMs - seconds * 1000) / 1000) * 0x1_0000_0000);
  return (BigInt(seconds + NTP_OFFSET_S) << 32n) | BigInt(fraction);
}

function compact(ntp: bigint): number {
  return Number((ntp >> 16n) & 0xffff_ffffn);
}
