import { readdirSync, readFileSync } from "node:fs";
import {
  type NetworkSample,
  type OpusSettings,
  opusProfiles,
  QualityController,
  type QualityDecision,
  resolveOpusSettings,
} from "@roomtone/core";
import { describe, expect, it } from "vitest";

const folder = new URL("./traces/", import.meta.url);
/** Readings of a track with fixed settings, one a second, through a real server: `npm run bench -- quality --record-traces` made them. */
const traces = readdirSync(folder).map((file) => ({
  name: file.replace(".json", ""),
  readings: JSON.parse(readFileSync(new URL(file, folder), "utf8")) as NetworkSample[],
}));

const noProtection = { forwardErrorCorrection: false, expectedPacketLossPercent: 0 };

function play(readings: readonly NetworkSample[], ceiling: OpusSettings): (QualityDecision & { readonly atS: number })[] {
  const controller = new QualityController({ ceiling, least: noProtection });
  const startMs = readings[0]?.timestampMs ?? 0;
  return readings.flatMap((reading) => {
    const decision = controller.add(reading);
    return decision ? [{ ...decision, atS: (reading.timestampMs - startMs) / 1000 }] : [];
  });
}

describe.each(traces)("over the recorded network $name", ({ name, readings }) => {
  it.each(["voice", "music"] as const)("%s stays within its bounds, and turns back at most once in 10 s", (profile) => {
    const ceiling = resolveOpusSettings(profile);
    const decisions = play(readings, ceiling);
    for (const { settings } of decisions) {
      expect(settings.bitrateBps).toBeLessThanOrEqual(ceiling.bitrateBps);
      expect(settings.frameDurationMs).toBeGreaterThanOrEqual(ceiling.frameDurationMs);
    }
    const rises = decisions.filter(({ because }) => because === "path-clear" || because === "loss-gone");
    for (const rise of rises) {
      const opposite = rise.because === "path-clear" ? "congestion" : "random-loss";
      const turns = decisions.filter(({ because, atS }) => because === opposite && atS <= rise.atS && atS > rise.atS - 10);
      expect(turns).toEqual([]);
    }
  });

  it("voice decides what a person would", () => {
    const decisions = play(readings, opusProfiles.voice);
    const last = decisions.at(-1)?.settings;
    const reasons = new Set(decisions.map(({ because }) => because));
    if (name === "narrow-link") {
      expect(reasons).toContain("congestion");
      expect(reasons).not.toContain("random-loss"); // A full path is not made better by copies.
      expect(decisions.find(({ because }) => because === "congestion")?.atS).toBeLessThan(30);
    } else expect(reasons).not.toContain("congestion");
    if (name === "heavy-loss") expect(reasons).toContain("random-loss");
    // Each ends with a clear minute, or with loss that retransmission repairs: nothing is held back for it.
    expect(last).toMatchObject({ ...noProtection, bitrateBps: 32_000, frameDurationMs: 20 });
  });
});
