import type { AudioFrame } from "./audio.js";

/** `frame` with that many channels: itself where it has them already, else a new one. */
export function withChannels(frame: AudioFrame, channels: 1 | 2): AudioFrame {
  if (frame.format.channels === channels) return frame;
  const samples = channels === 1 ? averageOfPairs(frame.samples) : doubled(frame.samples);
  return { ...frame, format: { ...frame.format, channels }, samples };
}

/** The mean of left and right: two equal channels keep their level, and nothing can clip. */
function averageOfPairs(stereo: Int16Array): Int16Array {
  const mono = new Int16Array(stereo.length / 2);
  for (let index = 0; index < mono.length; index += 1) {
    mono[index] = Math.round(((stereo[index * 2] ?? 0) + (stereo[index * 2 + 1] ?? 0)) / 2);
  }
  return mono;
}

function doubled(mono: Int16Array): Int16Array {
  const stereo = new Int16Array(mono.length * 2);
  for (let index = 0; index < mono.length; index += 1) {
    const sample = mono[index] ?? 0;
    stereo[index * 2] = sample;
    stereo[index * 2 + 1] = sample;
  }
  return stereo;
}
