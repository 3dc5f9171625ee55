import type { PcmCapture } from "@roomtone/core";
import { checkRange, generatedCapture } from "./generated-audio.js";

export interface OpenToneOptions {
  /** 20 to 20000. Default 440. */
  readonly frequencyHz?: number;
  /** Peak, 0 to 1 of full scale. Default 0.5. */
  readonly amplitude?: number;
  /** Default 1. */
  readonly channels?: 1 | 2;
}

/** A sine without end, in real time. @throws RoomtoneError `invalid-settings` */
export function openTone(options: OpenToneOptions = {}): PcmCapture {
  const { frequencyHz = 440, amplitude = 0.5, channels = 1 } = options;
  checkRange("frequencyHz", frequencyHz, 20, 20_000);
  checkRange("amplitude", amplitude, 0, 1);
  let index = 0;
  return generatedCapture({ kind: "tone", label: `${frequencyHz} Hz` }, channels, () => {
    const turns = (index * frequencyHz) / 48_000;
    index += 1;
    // Only the fraction of the turn goes into the sine: after days the product is large, and sines of large numbers lose precision.
    return amplitude * Math.sin(2 * Math.PI * (turns - Math.floor(turns)));
  });
}
