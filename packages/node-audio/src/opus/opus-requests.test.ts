import { opusProfiles, resolveOpusSettings } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { applyOpusSettings, opusRequests } from "./opus-requests.js";

function recorded(act: (codec: Parameters<typeof applyOpusSettings>[0]) => void): [number, number][] {
  const requests: [number, number][] = [];
  act({
    encode: () => Buffer.alloc(0),
    decode: () => Buffer.alloc(0),
    applyEncoderCTL: (request, value) => void requests.push([request, value]),
  });
  return requests;
}

describe("requests to libopus", () => {
  it("are on the list of those that were seen to be safe, and set a whole number", () => {
    const safe = new Set<number>(Object.values(opusRequests));
    for (const settings of Object.values(opusProfiles)) {
      const requests = recorded((codec) => applyOpusSettings(codec, settings));
      expect(requests.every(([request, value]) => safe.has(request) && Number.isInteger(value))).toBe(true);
    }
    // Requests with odd numbers get a value, through a pointer that a caller in JavaScript does not have.
    expect([...safe].every((request) => request % 2 === 0)).toBe(true);
  });

  it("begin with the application, which libopus takes before the first frame only", () => {
    expect(recorded((codec) => applyOpusSettings(codec, opusProfiles.voice))[0]).toEqual([4000, 2048]);
  });

  it("are made for what changed alone", () => {
    const next = resolveOpusSettings("voice", { bitrateBps: 24_000, complexity: 3 });
    expect(recorded((codec) => applyOpusSettings(codec, next, opusProfiles.voice))).toEqual([
      [4002, 24_000],
      [4010, 3],
    ]);
    expect(recorded((codec) => applyOpusSettings(codec, next, next))).toEqual([]);
  });
});
