import { describe, expect, it } from "vitest";
import { readOpusPacket } from "./opus-packet.js";

const packet = (configuration: number, stereo: boolean, code: number, ...rest: number[]) =>
  Uint8Array.of((configuration << 3) | (stereo ? 4 : 0) | code, ...rest);

describe("an Opus packet's table of contents", () => {
  it.each([
    [0, "silk", "narrowband", 10],
    [7, "silk", "mediumband", 60],
    [9, "silk", "wideband", 20],
    [12, "hybrid", "superwideband", 10],
    [15, "hybrid", "fullband", 20],
    [16, "celt", "narrowband", 2.5],
    [20, "celt", "wideband", 2.5],
    [31, "celt", "fullband", 20],
  ] as const)("reads configuration %i as %s, %s, %d ms", (configuration, mode, bandwidth, frameDurationMs) => {
    expect(readOpusPacket(packet(configuration, false, 0, 1))).toEqual({
      mode,
      bandwidth,
      frameDurationMs,
      frameCount: 1,
      durationMs: frameDurationMs,
      channels: 1,
    });
  });

  it("counts the frames of each packing code, and the channels", () => {
    expect(readOpusPacket(packet(31, true, 1, 0))).toMatchObject({ frameCount: 2, durationMs: 40, channels: 2 });
    expect(readOpusPacket(packet(31, true, 2, 0))).toMatchObject({ frameCount: 2 });
    expect(readOpusPacket(packet(9, false, 3, 0b1000_0011))).toMatchObject({ frameCount: 3, durationMs: 60, channels: 1 });
  });

  it("refuses what is no packet: empty, cut short, without frames, or longer than 120 ms", () => {
    expect(readOpusPacket(new Uint8Array())).toBeUndefined();
    expect(readOpusPacket(packet(31, false, 3))).toBeUndefined();
    expect(readOpusPacket(packet(31, false, 3, 0))).toBeUndefined();
    expect(readOpusPacket(packet(31, false, 3, 7))).toBeUndefined();
  });

  it("reads any bytes without throwing", () => {
    for (let first = 0; first < 256; first += 1) {
      for (const second of [undefined, 0, 1, 48, 63, 255]) {
        const info = readOpusPacket(Uint8Array.of(first, ...(second === undefined ? [] : [second])));
        if (info) expect(info.durationMs).toBeLessThanOrEqual(120);
      }
    }
  });
});
