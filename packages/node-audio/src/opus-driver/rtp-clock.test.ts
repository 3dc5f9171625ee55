import { describe, expect, it } from "vitest";
import { RtpClock } from "./rtp-clock.js";

const FRAME_US = 20_000;

describe("RTP time", () => {
  it("advances by the audio's length, whatever jitter the capture times have", () => {
    const clock = new RtpClock(1000);
    const times = [0, 21_000, 39_000, 75_000].map((timestampUs) => clock.take(timestampUs, FRAME_US).timestamp);
    expect(times).toEqual([1000, 1960, 2920, 3880]);
  });

  it("goes on without what a short stall swallowed: what follows is late, not later", () => {
    const clock = new RtpClock(0);
    clock.take(0, FRAME_US);
    expect(clock.take(320_000, FRAME_US)).toEqual({ timestamp: 960, marker: false });
    expect(clock.take(340_000, FRAME_US)).toEqual({ timestamp: 1920, marker: false });
  });

  it("advances by what is missing where it is more than 400 ms, and marks what follows", () => {
    const clock = new RtpClock(0);
    expect(clock.take(0, FRAME_US).marker).toBe(true);
    expect(clock.take(20_000, FRAME_US).marker).toBe(false);
    expect(clock.take(540_000, FRAME_US)).toEqual({ timestamp: 48 * 540, marker: true });
    expect(clock.take(560_000, FRAME_US)).toEqual({ timestamp: 48 * 560, marker: false });
  });

  it("goes on while packets are skipped, and marks the next one that is sent", () => {
    const clock = new RtpClock(0);
    clock.take(0, FRAME_US);
    clock.skip(20_000, FRAME_US);
    expect(clock.take(40_000, FRAME_US)).toEqual({ timestamp: 1920, marker: true });
  });

  it("never goes back where the source's clock does", () => {
    const clock = new RtpClock(0);
    clock.take(10_000_000, FRAME_US);
    expect(clock.take(0, FRAME_US)).toEqual({ timestamp: 960, marker: false });
  });

  it("wraps at 32 bits", () => {
    const clock = new RtpClock(2 ** 32 - 480);
    clock.take(0, FRAME_US);
    expect(clock.take(20_000, FRAME_US).timestamp).toBe(480);
  });

  it("takes another source after a pause as later, not as a jump of clocks", () => {
    const clock = new RtpClock(0);
    clock.take(5_000_000, FRAME_US);
    clock.restart(100_000);
    expect(clock.take(77, FRAME_US)).toEqual({ timestamp: 960 + 4800, marker: true });
  });
});
