import { array, assert, constantFrom, integer, property, record, shuffledSubarray } from "fast-check";
import { describe, expect, it } from "vitest";
import { opusProfiles, resolveOpusSettings, validateOpusSettings } from "./opus-settings.js";
import type { NetworkSample } from "./publish.js";
import { QualityController } from "./quality-controller.js";
import { qualityLimits } from "./quality-limits.js";
import { SharedQuality, type SharedQualityDecision, type SharedQualityPolicy } from "./shared-quality.js";

const policies = constantFrom<SharedQualityPolicy>("hold", "follow-worst");
const unprotected = { expectedPacketLossPercent: 0, forwardErrorCorrection: false } as const;

const readings = (rooms: number) =>
  array(
    record({
      room: integer({ min: 0, max: rooms - 1 }),
      fractionLost: integer({ min: 0, max: 100 }),
      roundTripMs: integer({ min: 0, max: 3000 }),
      availableBitrateBps: constantFrom(undefined, 1000, 20_000, 1_000_000),
      quality: constantFrom("excellent", "poor", "lost", "unknown"),
      afterMs: integer({ min: 0, max: 8000 }),
    }),
    { maxLength: 120 },
  );

function sampleOf(timestampMs: number, fractionLost: number, roundTripMs = 80, availableBitrateBps?: number): NetworkSample {
  const sample = { timestampMs, packetsSent: 0, bytesSent: 0, fractionLost, roundTripMs };
  return availableBitrateBps === undefined ? sample : { ...sample, availableBitrateBps };
}

/** One reading a second of each room for `durationS`; `loss` and `roundTripMs` say what it reads, undefined: it is not heard of. */
function run(
  shared: SharedQuality<number>,
  [fromS, untilS]: readonly [number, number],
  path: (room: number) => { readonly loss?: number; readonly roundTripMs?: number } | undefined,
  rooms: number,
): SharedQualityDecision<number>[] {
  const decisions: SharedQualityDecision<number>[] = [];
  for (let second = fromS; second < untilS; second += 1) {
    const now = Array.from({ length: rooms }, (_, room) => ({ room, at: path(room) })).flatMap(({ room, at }) =>
      at ? [{ room, sample: sampleOf(second * 1000, at.loss ?? 0, at.roundTripMs) }] : [],
    );
    const decision = shared.add(now);
    if (decision) decisions.push(decision);
  }
  return decisions;
}

describe("quality over many rooms", () => {
  it("with one room and follow-worst is what the quality controller decides", () => {
    assert(
      property(constantFrom<"voice" | "music">("voice", "music"), readings(1), (profile, all) => {
        const limits = qualityLimits(profile, {});
        const one = new QualityController(limits);
        const shared = new SharedQuality<number>({ ...limits, policy: "follow-worst" });
        let timestampMs = 0;
        for (const { fractionLost, roundTripMs, availableBitrateBps, quality, afterMs } of all) {
          timestampMs += afterMs;
          const sample = sampleOf(timestampMs, fractionLost / 100, roundTripMs, availableBitrateBps);
          const expected = one.add(sample, quality as "poor");
          const decision = shared.add([{ room: 0, sample, quality: quality as "poor" }]);
          expect(decision).toEqual(expected && { ...expected, rooms: [0] });
          expect(shared.settings).toEqual(one.settings);
        }
      }),
    );
  });

  it("never asks for more than the ceiling or less than the least, and hold never touches bitrate and packet length", () => {
    assert(
      property(policies, constantFrom(opusProfiles.voice, opusProfiles.music), readings(5), (policy, ceiling, all) => {
        const shared = new SharedQuality<number>({ ceiling, policy });
        let timestampMs = 0;
        for (const { room, fractionLost, roundTripMs, availableBitrateBps, quality, afterMs } of all) {
          timestampMs += afterMs;
          const sample = sampleOf(timestampMs, fractionLost / 100, roundTripMs, availableBitrateBps);
          shared.add([{ room, sample, quality: quality as "poor" }]);
          const { settings } = shared;
          validateOpusSettings({ ...ceiling, ...settings });
          expect(settings.bitrateBps).toBeLessThanOrEqual(ceiling.bitrateBps);
          expect(settings.frameDurationMs).toBeGreaterThanOrEqual(ceiling.frameDurationMs);
          expect(settings.expectedPacketLossPercent).toBeGreaterThanOrEqual(ceiling.expectedPacketLossPercent);
          const { bitrateBps, frameDurationMs } = ceiling;
          if (policy === "hold") expect(settings).toMatchObject({ bitrateBps, frameDurationMs });
        }
      }),
    );
  });

  it("does not depend on the order in which rooms are read", () => {
    const rooms = Array.from({ length: 6 }, (_, room) => room);
    const orders = array(shuffledSubarray(rooms, { minLength: 6 }), { minLength: 60, maxLength: 60 });
    assert(
      property(policies, orders, array(integer({ min: 0, max: 20 }), { minLength: 6, maxLength: 6 }), (policy, shuffles, losses) => {
        const [one, other] = [0, 1].map(() => new SharedQuality<number>({ ...qualityLimits("voice", unprotected), policy }));
        for (const [second, order] of shuffles.entries()) {
          const of = (room: number) => ({ room, sample: sampleOf(second * 1000, (losses[room] ?? 0) / 100, second > 30 ? 300 : 80) });
          one?.add(rooms.map(of));
          other?.add(order.map(of));
          expect(one?.settings).toEqual(other?.settings);
        }
      }),
    );
  });

  it("protects all for the worst of a few rooms, and of many for nine in ten: one lossy room of ten costs the others nothing", () => {
    assert(
      property(policies, integer({ min: 2, max: 60 }), integer({ min: 1, max: 60 }), (policy, rooms, lossyRooms) => {
        const lossy = Math.min(lossyRooms, rooms);
        const shared = new SharedQuality<number>({ ...qualityLimits("voice", unprotected), policy });
        const decisions = run(shared, [0, 60], (room) => ({ loss: room < lossy ? 0.1 : 0 }), rooms);
        const isServed = lossy > rooms - Math.ceil(rooms * 0.9);
        expect(shared.settings.forwardErrorCorrection).toBe(isServed);
        expect(shared.settings.bitrateBps).toBe(opusProfiles.voice.bitrateBps);
        for (const decision of decisions) {
          expect(decision.because).toBe("random-loss");
          expect(decision.rooms).toEqual(Array.from({ length: lossy }, (_, room) => room));
        }
      }),
    );
  });

  it("takes the protection back 10 s after the lossy room fell silent, or was left", () => {
    const shared = new SharedQuality<number>(qualityLimits("voice", unprotected));
    run(shared, [0, 40], (room) => ({ loss: room === 0 ? 0.2 : 0 }), 3);
    expect(shared.settings.forwardErrorCorrection).toBe(true);
    const decisions = run(shared, [40, 70], (room) => (room === 0 ? undefined : {}), 3);
    expect(decisions).toMatchObject([{ because: "loss-gone", rooms: [1, 2] }]);
    expect(shared.settings).toMatchObject(unprotected);
  });

  it("slows all down for the narrowest path where it follows the worst, names it, and is back when it is wide again", () => {
    const shared = new SharedQuality<number>({ ceiling: opusProfiles.music, policy: "follow-worst" });
    const held = new SharedQuality<number>({ ceiling: opusProfiles.music });
    run(shared, [0, 10], () => ({}), 4);
    run(held, [0, 10], () => ({}), 4);
    const narrow = (room: number) => (room === 2 ? { loss: 0.05, roundTripMs: 250 } : {});
    const decisions = run(shared, [10, 15], narrow, 4);
    expect(decisions).toMatchObject([
      { because: "congestion", rooms: [2], settings: { bitrateBps: 96_000 } },
      { because: "congestion", rooms: [2], settings: { bitrateBps: 72_000 } },
    ]);
    expect(run(held, [10, 15], narrow, 4)).toEqual([]);
    run(shared, [15, 200], () => ({}), 4);
    expect(shared.settings).toEqual(new SharedQuality({ ceiling: opusProfiles.music }).settings);
  });

  it("is slowed down once by a report of a room that is lost with it", () => {
    const shared = new SharedQuality<number>({ ceiling: resolveOpusSettings("music"), policy: "follow-worst" });
    run(shared, [0, 10], () => ({}), 2);
    expect(run(shared, [10, 11], (room) => (room === 0 ? { loss: 0.5, roundTripMs: 400 } : {}), 2)).toHaveLength(1);
    expect(run(shared, [11, 18], (room) => (room === 0 ? undefined : {}), 2)).toEqual([]);
  });
});
