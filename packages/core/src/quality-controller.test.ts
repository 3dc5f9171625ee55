import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpusSettings } from "./encode.js";
import { opusProfiles, resolveOpusSettings, validateOpusSettings } from "./opus-settings.js";
import type { NetworkSample } from "./publish.js";
import { QualityController, type QualityDecision } from "./quality-controller.js";

const HEADER_BITS = 60 * 8;

interface Link {
  /** Bits per second that it carries; more waits, then is dropped. */
  readonly capacityBps?: number;
  readonly randomLoss?: number;
  readonly idleRoundTripMs?: number;
}

/** Runs a controller over a link for `durationS`, one reading a second, and gives what it decided. */
class Simulation {
  readonly controller: QualityController;
  readonly decisions: (QualityDecision & { readonly atS: number })[] = [];
  atS = 0;

  constructor(ceiling: OpusSettings) {
    this.controller = new QualityController({ ceiling });
  }

  run(durationS: number, { capacityBps = Number.POSITIVE_INFINITY, randomLoss = 0, idleRoundTripMs = 80 }: Link): this {
    for (const endS = this.atS + durationS; this.atS < endS; this.atS += 1) {
      const { bitrateBps, frameDurationMs } = this.controller.settings;
      const sentBps = bitrateBps + (HEADER_BITS * 1000) / frameDurationMs;
      const excess = Math.max(0, (sentBps - capacityBps) / sentBps);
      const decision = this.controller.add({
        timestampMs: this.atS * 1000,
        packetsSent: this.atS * 50,
        bytesSent: 0,
        fractionLost: Math.min(1, randomLoss + excess),
        roundTripMs: idleRoundTripMs + (excess > 0 ? 150 : 0),
      });
      if (decision) this.decisions.push({ ...decision, atS: this.atS });
    }
    return this;
  }
}

const settingsOf = constantFrom(
  opusProfiles.voice,
  opusProfiles.music,
  resolveOpusSettings("voice", { bitrateBps: 6000 }),
  resolveOpusSettings("music", { application: "restricted-lowdelay", frameDurationMs: 2.5, bitrateBps: 510_000 }),
  resolveOpusSettings("voice", { frameDurationMs: 60 }),
);

describe("the quality controller", () => {
  it("never asks for more than the ceiling, less protection than was asked for, or what Opus cannot do", () => {
    const reading = record({
      fractionLost: integer({ min: 0, max: 100 }),
      roundTripMs: integer({ min: 0, max: 3000 }),
      availableBitrateBps: constantFrom(undefined, 1000, 20_000, 1_000_000),
      quality: constantFrom("excellent", "poor", "lost", "unknown"),
      afterMs: integer({ min: 0, max: 20_000 }),
    });
    assert(
      property(settingsOf, array(reading, { maxLength: 200 }), (ceiling, readings) => {
        const controller = new QualityController({ ceiling });
        let timestampMs = 0;
        for (const { fractionLost, roundTripMs, availableBitrateBps, quality, afterMs } of readings) {
          timestampMs += afterMs;
          const sample: NetworkSample = { timestampMs, packetsSent: 0, bytesSent: 0, fractionLost: fractionLost / 100, roundTripMs };
          controller.add(availableBitrateBps === undefined ? sample : { ...sample, availableBitrateBps }, quality as "poor");
          const { settings } = controller;
          validateOpusSettings({ ...ceiling, ...settings });
          expect(settings.bitrateBps).toBeLessThanOrEqual(ceiling.bitrateBps);
          expect(settings.expectedPacketLossPercent).toBeGreaterThanOrEqual(ceiling.expectedPacketLossPercent);
          expect(settings.frameDurationMs).toBeGreaterThanOrEqual(ceiling.frameDurationMs);
          if (ceiling.forwardErrorCorrection) expect(settings.forwardErrorCorrection).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("answers random loss with protection, and never with a lower bitrate", () => {
    assert(
      property(constantFrom(0, 1, 2, 4, 5, 8, 10, 15, 20, 25), integer({ min: 0, max: 400 }), (lossPercent, idleRoundTripMs) => {
        const simulation = new Simulation(resolveOpusSettings("voice", { expectedPacketLossPercent: 0, forwardErrorCorrection: false }));
        simulation.run(60, { randomLoss: lossPercent / 100, idleRoundTripMs });
        const { bitrateBps, forwardErrorCorrection, expectedPacketLossPercent } = simulation.controller.settings;
        expect(bitrateBps).toBe(opusProfiles.voice.bitrateBps);
        expect(forwardErrorCorrection).toBe(lossPercent >= 3);
        expect(Math.abs(expectedPacketLossPercent - lossPercent)).toBeLessThanOrEqual(5);
        expect(simulation.decisions.length).toBeLessThanOrEqual(6);
      }),
    );
  });

  it("takes the protection back when the loss is gone", () => {
    const simulation = new Simulation(resolveOpusSettings("voice", { expectedPacketLossPercent: 0, forwardErrorCorrection: false }));
    simulation.run(30, { randomLoss: 0.1 }).run(120, {});
    expect(simulation.controller.settings).toMatchObject({ forwardErrorCorrection: false, expectedPacketLossPercent: 0 });
    expect(simulation.decisions.at(-1)?.because).toBe("loss-gone");
  });

  it("comes to fit a narrow path within 30 s, tries more at most once a minute, and is back at the ceiling 3 minutes after it widens", () => {
    assert(
      property(constantFrom(opusProfiles.voice, opusProfiles.music), integer({ min: 50, max: 95 }), (ceiling, share) => {
        const fullBps = ceiling.bitrateBps + (HEADER_BITS * 1000) / ceiling.frameDurationMs;
        const capacityBps = (fullBps * share) / 100;
        const simulation = new Simulation(ceiling).run(10, {}).run(30, { capacityBps });
        const fits = () =>
          simulation.controller.settings.bitrateBps + (HEADER_BITS * 1000) / simulation.controller.settings.frameDurationMs;
        expect(fits()).toBeLessThanOrEqual(capacityBps * 1.15);
        simulation.run(600, { capacityBps });
        const late = simulation.decisions.filter(({ atS, because }) => atS > 240 && because === "congestion");
        expect(late.length).toBeLessThanOrEqual(12);
        simulation.run(180, {});
        expect(simulation.controller.settings).toMatchObject({ bitrateBps: ceiling.bitrateBps, frameDurationMs: ceiling.frameDurationMs });
      }),
    );
  });

  it("empties a deep queue that it filled within 45 s, fills it again for a tenth of the time at the most, and is back 3 minutes after the path widens", () => {
    assert(
      property(integer({ min: 55, max: 95 }), integer({ min: 300, max: 3000 }), integer({ min: 10, max: 300 }), (share, deepMs, idleMs) => {
        const controller = new QualityController({ ceiling: opusProfiles.voice });
        const fullBps = opusProfiles.voice.bitrateBps + (HEADER_BITS * 1000) / 20;
        let [queueMs, full, least] = [0, 0, Number.POSITIVE_INFINITY];
        for (let second = 0; second < 600; second += 1) {
          const capacityBps = second >= 10 && second < 400 ? (fullBps * share) / 100 : fullBps * 2;
          const { bitrateBps, frameDurationMs } = controller.settings;
          const sentBps = bitrateBps + (HEADER_BITS * 1000) / frameDurationMs;
          const wanted = Math.max(0, queueMs + (sentBps / capacityBps - 1) * 1000);
          queueMs = Math.min(deepMs, wanted);
          const fractionLost = Math.min(1, ((wanted - queueMs) / 1000) * (capacityBps / sentBps));
          controller.add({ timestampMs: second * 1000, packetsSent: 0, bytesSent: 0, fractionLost, roundTripMs: idleMs + queueMs });
          if (second > 20 && second <= 55) least = Math.min(least, queueMs);
          if (second > 55 && second < 400 && queueMs > 300) full += 1;
        }
        expect(least).toBeLessThan(100);
        expect(full).toBeLessThan(35);
        expect(controller.settings).toMatchObject({ bitrateBps: 32_000, frameDurationMs: 20 });
      }),
    );
  });

  it("learns nothing from a reading without a new report", () => {
    const controller = new QualityController({ ceiling: resolveOpusSettings("voice", { expectedPacketLossPercent: 0 }) });
    const report = { packetsSent: 0, bytesSent: 0, fractionLost: 0.5, arrivedMark: 7 };
    controller.add({ ...report, timestampMs: 0 });
    const { settings } = controller;
    for (let second = 1; second < 60; second += 1) expect(controller.add({ ...report, timestampMs: second * 1000 })).toBeUndefined();
    expect(controller.settings).toBe(settings);
  });

  it("does not hold back for a poor rating that the known loss explains, and does for one that nothing explains", () => {
    const rated = (fractionLost: number) => {
      const simulation = new Simulation(opusProfiles.music).run(10, {}).run(10, { capacityBps: 90_000 });
      const { controller } = simulation;
      for (let second = 20; second < 200; second += 1) {
        controller.add({ timestampMs: second * 1000, packetsSent: 0, bytesSent: 0, fractionLost, roundTripMs: 80 }, "poor");
      }
      return controller.settings.bitrateBps;
    };
    expect(rated(0.1)).toBe(opusProfiles.music.bitrateBps);
    expect(rated(0)).toBeLessThan(opusProfiles.music.bitrateBps);
  });

  it("says why, with the figures", () => {
    const simulation = new Simulation(opusProfiles.music).run(10, {}).run(5, { capacityBps: 90_000 });
    expect(simulation.decisions[0]).toMatchObject({ because: "congestion" });
    expect(simulation.decisions[0]?.explanation).toMatch(
      /^bitrateBps from 128000 to 96000: the round trip rose to 230 ms with .* % loss\.$/,
    );
  });

  it("keeps within what a transport says is available", () => {
    const controller = new QualityController({ ceiling: opusProfiles.music });
    const sample = { packetsSent: 0, bytesSent: 0, availableBitrateBps: 50_500 };
    expect(controller.add({ ...sample, timestampMs: 0 })).toMatchObject({ because: "available-bitrate", settings: { bitrateBps: 50_000 } });
    for (let second = 1; second < 100; second += 1) controller.add({ ...sample, timestampMs: second * 1000 });
    expect(controller.settings.bitrateBps).toBe(50_000);
  });
});
