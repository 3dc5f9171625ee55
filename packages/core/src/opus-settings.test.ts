import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpusSettings } from "./encode.js";
import { isRoomtoneError } from "./errors.js";
import { opusProfiles, resolveOpusSettings, validateOpusSettings } from "./opus-settings.js";

const valid: fc.Arbitrary<OpusSettings> = fc
  .record({
    bitrateBps: fc.integer({ min: 6000, max: 510_000 }),
    application: fc.constantFrom("voip" as const, "audio" as const, "restricted-lowdelay" as const),
    complexity: fc.integer({ min: 0, max: 10 }),
    frameDurationMs: fc.constantFrom(2.5 as const, 5 as const, 10 as const, 20 as const, 40 as const, 60 as const),
    forwardErrorCorrection: fc.boolean(),
    expectedPacketLossPercent: fc.integer({ min: 0, max: 100 }),
    discontinuousTransmission: fc.boolean(),
    variableBitrate: fc.boolean(),
    maxBandwidth: fc.constantFrom(
      "narrowband" as const,
      "mediumband" as const,
      "wideband" as const,
      "superwideband" as const,
      "fullband" as const,
    ),
    signal: fc.constantFrom("auto" as const, "voice" as const, "music" as const),
    channels: fc.constantFrom(1 as const, 2 as const),
  })
  .map((settings) => {
    const hasFec = settings.application !== "restricted-lowdelay" && settings.frameDurationMs >= 10;
    return { ...settings, forwardErrorCorrection: settings.forwardErrorCorrection && hasFec };
  });

const refused = (settings: Record<string, unknown>) => {
  try {
    return resolveOpusSettings("voice", settings as Partial<OpusSettings>);
  } catch (error) {
    return error;
  }
};

describe("Opus settings", () => {
  it("that are valid pass unchanged, whole or laid over a profile", () => {
    fc.assert(
      fc.property(valid, fc.constantFrom("voice" as const, "music" as const), (settings, profile) => {
        expect(validateOpusSettings(settings)).toEqual(settings);
        expect(resolveOpusSettings(profile, settings)).toEqual(settings);
      }),
    );
  });

  it("take any subset over a profile: what was asked for holds, the rest is the profile's", () => {
    fc.assert(
      fc.property(valid, fc.subarray(Object.keys(opusProfiles.voice)), (settings, names) => {
        const asked = Object.fromEntries(names.map((name) => [name, settings[name as keyof OpusSettings]]));
        const result = refused(asked);
        if (isRoomtoneError(result))
          expect(result).toMatchObject({ code: "invalid-settings", details: { setting: "forwardErrorCorrection" } });
        else expect(result).toMatchObject(asked);
      }),
    );
  });

  it("out of range, or of no such kind, are refused by name and with what they take", () => {
    const names = Object.keys(opusProfiles.voice);
    const nonsense = fc.oneof(
      fc.constantFrom(null, "", "x", Number.NaN, Number.POSITIVE_INFINITY, -1, 1e9, 0.1, {}),
      fc.double({ min: 600_000 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), nonsense, (name, value) => {
        const error = refused({ [name]: value });
        expect(error).toMatchObject({ code: "invalid-settings", details: { setting: name } });
        expect((error as Error).message).toMatch(new RegExp(`${name} takes `));
      }),
    );
  });

  it.each([
    [{ bitrateBps: 5999 }, "bitrateBps"],
    [{ bitrateBps: 510_001 }, "bitrateBps"],
    [{ complexity: 11 }, "complexity"],
    [{ frameDurationMs: 30 }, "frameDurationMs"],
    [{ expectedPacketLossPercent: 101 }, "expectedPacketLossPercent"],
    [{ channels: 3 }, "channels"],
    [{ bitrate: 32_000 }, "bitrate"],
    [{ toString: 1 }, "toString"],
    [{ application: "restricted-lowdelay", forwardErrorCorrection: true }, "forwardErrorCorrection"],
    [{ frameDurationMs: 5, forwardErrorCorrection: true }, "forwardErrorCorrection"],
  ])("%j is refused for %s", (settings, setting) => {
    expect(refused(settings)).toMatchObject({ code: "invalid-settings", details: { setting } });
  });

  it("lets a profile's own FEC give way where a mode without it was asked for", () => {
    expect(resolveOpusSettings("voice", { application: "restricted-lowdelay" }).forwardErrorCorrection).toBe(false);
    expect(resolveOpusSettings("voice").forwardErrorCorrection).toBe(true);
  });

  it("ignores what is undefined, and refuses an unknown profile", () => {
    expect(resolveOpusSettings("music", { bitrateBps: undefined } as never)).toEqual(opusProfiles.music);
    expect(() => resolveOpusSettings("toString" as never)).toThrow("voice or music");
  });
});
