import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArrivalWatch } from "./liveness.js";

/** Readings a second apart: packets sent, and the mark of what arrived. */
function verdicts(readings: readonly (readonly [number, number | undefined])[]) {
  const watch = new ArrivalWatch(3000);
  return readings.map(([packetsSent, arrivedMark], second) =>
    watch.add({ timestampMs: second * 1000, packetsSent, bytesSent: 0, ...(arrivedMark === undefined ? {} : { arrivedMark }) }),
  );
}

describe("liveness", () => {
  it("sees a stall three seconds after the last arrival, while packets go out", () => {
    expect(
      verdicts([
        [0, 0],
        [50, 40],
        [100, 90],
        [150, 90],
        [200, 90],
        [250, 90],
      ]),
    ).toEqual(["quiet", "arrives", "arrives", "still", "still", "stalled"]);
  });

  it("sees no stall in silence, nor in the first moments after it", () => {
    expect(
      verdicts([
        [50, 50],
        [50, 50],
        [50, 50],
        [50, 50],
        [50, 50],
        [100, 50],
        [150, 100],
      ]),
    ).not.toContain("stalled");
  });

  it("sees a stall where audio goes in and no packet out, after twice the time", () => {
    const watch = new ArrivalWatch(3000);
    const given = Array.from({ length: 8 }, (_, second) => ({ timestampMs: second * 1000, packetsSent: 0, bytesSent: 0 }));
    expect(given.map((reading, second) => watch.add({ ...reading, audioTakenMs: second * 1000 }))).toEqual([
      "quiet",
      "still",
      "still",
      "still",
      "still",
      "still",
      "stalled",
      "stalled",
    ]);
  });

  it("sees no stall where no audio goes in, or none is known to", () => {
    const watch = new ArrivalWatch(3000);
    const given = Array.from({ length: 20 }, (_, second) => ({ timestampMs: second * 1000, packetsSent: 0, bytesSent: 0 }));
    expect(given.map((reading, second) => watch.add(second < 10 ? reading : { ...reading, audioTakenMs: 40 }))).not.toContain("still");
  });

  it("never sees a stall where nothing is known of arrivals", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (sent) => {
        expect(verdicts(sent.map((count) => [count, undefined]))).not.toContain("stalled");
      }),
    );
  });

  it("never sees a stall while at least one in three readings shows more arriving, or nothing sent", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("arrives", "nothing sent", "still"), { maxLength: 60 }), (course) => {
        const readings: [number, number][] = [[0, 0]];
        course.forEach((what, index) => {
          const [sent, mark] = readings.at(-1) ?? [0, 0];
          if (what === "nothing sent" && index % 3 === 0) readings.push([sent, mark]);
          else readings.push([sent + 50, what === "arrives" || index % 3 === 0 ? mark + 50 : mark]);
        });
        expect(verdicts(readings)).not.toContain("stalled");
      }),
    );
  });

  it("begins anew after a reset", () => {
    const watch = new ArrivalWatch(3000);
    for (const second of [0, 1, 2]) watch.add({ timestampMs: second * 1000, packetsSent: second * 50, bytesSent: 0, arrivedMark: 7 });
    watch.reset();
    expect(watch.add({ timestampMs: 9000, packetsSent: 900, bytesSent: 0, arrivedMark: 7 })).toBe("quiet");
    expect(watch.add({ timestampMs: 10_000, packetsSent: 950, bytesSent: 0, arrivedMark: 7 })).toBe("still");
  });
});
