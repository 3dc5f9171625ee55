import { describe, expect, it } from "vitest";
import { type ReceptionReport, TransportStatistics } from "./transport-statistics.js";

const report: ReceptionReport = { fractionLost: 64, packetsLost: 3, highestSequence: 70_000, jitter: 96, lsr: 0, dlsr: 0 };
const compact = (ntp: bigint) => Number((ntp >> 16n) & 0xffff_ffffn);

describe("a track's statistics", () => {
  it("count nothing as arrived before the server reports", () => {
    const statistics = new TransportStatistics();
    statistics.packetSent(80);
    expect(statistics.sample(5)).toEqual({ timestampMs: 5, packetsSent: 1, bytesSent: 80, arrivedMark: 0 });
  });

  it("give what the server reports in our units", () => {
    const statistics = new TransportStatistics();
    statistics.reported(report, 0);
    expect(statistics.sample(1)).toMatchObject({ arrivedMark: 70_000, packetsLost: 3, fractionLost: 0.25, jitterMs: 2 });
    expect(statistics.sample(1)).not.toHaveProperty("roundTripMs");
  });

  it("take a round trip from the echo of a report that we sent, and from no other", () => {
    const statistics = new TransportStatistics();
    const ntp = statistics.senderReport(1_700_000_000_123, 1000);
    statistics.reported({ ...report, lsr: compact(ntp) + 1, dlsr: 0 }, 1500);
    expect(statistics.sample(1500)).not.toHaveProperty("roundTripMs");
    statistics.reported({ ...report, lsr: compact(ntp), dlsr: 32_768 }, 1580);
    expect(statistics.sample(1580).roundTripMs).toBeCloseTo(80, 5);
  });

  it("forget reports too old to be echoed", () => {
    const statistics = new TransportStatistics();
    const first = statistics.senderReport(1_700_000_000_000, 0);
    for (let second = 1; second <= 16; second += 1) statistics.senderReport(1_700_000_000_000 + second * 1000, second * 1000);
    statistics.reported({ ...report, lsr: compact(first) }, 20_000);
    expect(statistics.sample(20_000)).not.toHaveProperty("roundTripMs");
  });
});
