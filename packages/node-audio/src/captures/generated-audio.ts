import { type CaptureSource, type PcmCapture, RoomtoneError } from "@roomtone/core";
import { PacedCapture } from "./paced-capture.js";

const FRAMES_PER_READ = 480;
const TOLERANCE_MS = 60; // as for files: a busy event loop is caught up with, a stall is not

/**
 * A capture of what `nextSample` returns, called once for each sample at 48 kHz, -1 to 1, the same on every channel.
 * It stands in for a microphone, so it drops as one does.
 */
export function generatedCapture(source: CaptureSource, channels: 1 | 2, nextSample: () => number): PcmCapture {
  const audio = {
    read: async () => {
      const samples = new Int16Array(FRAMES_PER_READ * channels);
      for (let at = 0; at < samples.length; at += channels) samples.fill(Math.round(nextSample() * 32_767), at, at + channels);
      return samples;
    },
    close: async () => {},
  };
  const format = { sampleRateHz: 48_000, channels } as const;
  return new PacedCapture({ source, format, overflow: "drop-oldest", audio, toleranceMs: TOLERANCE_MS });
}

/** @throws RoomtoneError `invalid-settings` */
export function checkRange(setting: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new RoomtoneError("invalid-settings", `${setting} is a number from ${min} to ${max}, not ${value}.`, { setting });
}
