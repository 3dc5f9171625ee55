import { describe, expect, it } from "vitest";
import { collectPair, parseBitrateBps, parseCount, parseDurationMs, parseServerUrl, parseText, parseTimerMs } from "./values.js";

describe("values of flags", () => {
  it.each([
    ["10s", 10_000],
    ["500ms", 500],
    ["1h", 3_600_000],
    ["1m30s", 90_000],
    ["1.5s", 1500],
    ["7", 7000],
  ])("takes %s as %d ms", (text, durationMs) => expect(parseDurationMs(text)).toBe(durationMs));

  it.each(["", "0", "0s", "-1s", "10 s", "s", "1x", "NaN", "Infinity", "1e9s"])("refuses the duration %j", (text) => {
    expect(() => parseDurationMs(text)).toThrow("length of time");
  });

  it("refuses a timer that the platform would fire at once", () => expect(() => parseTimerMs("60d")).toThrow("24 days"));

  it.each([
    ["64000", 64_000],
    ["64k", 64_000],
    ["9.6K", 9600],
  ])("takes %s as %d bit/s", (text, bitrateBps) => expect(parseBitrateBps(text)).toBe(bitrateBps));

  it.each(["ws://127.0.0.1:7880", "wss://a.livekit.cloud", "http://[::1]:1/prefix"])("takes the address %s", (url) => {
    expect(parseServerUrl(url)).toBe(url);
  });

  it.each(["localhost:7880", "ftp://x", "", "ws://", "ws://key:secret@host", "ws://host?access_token=x"])(
    "refuses the address %j",
    (url) => {
      expect(() => parseServerUrl(url)).toThrow("address");
    },
  );

  it("takes a flag in a value's place for a forgotten value", () => {
    expect(() => parseText("--json")).toThrow("missing");
    expect(parseText("-")).toBe("-");
  });

  it("keeps everything after the first = of an attribute, and refuses one without a key", () => {
    expect(collectPair("a=b=c", { z: "1" })).toEqual({ z: "1", a: "b=c" });
    expect(() => collectPair("=x", undefined)).toThrow("key=value");
  });

  it("counts in whole numbers", () => {
    expect(parseCount("0")).toBe(0);
    expect(() => parseCount("-1")).toThrow("whole number");
    expect(() => parseCount("1.5")).toThrow("whole number");
  });
});
