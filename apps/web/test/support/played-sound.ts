import type { HeardAudio } from "@roomtone/testing";
import type { Page } from "playwright-core";

/** Finds the elements that the page plays with, which are in no document. Runs in the page, before its scripts. */
export function keepPlayers(): void {
  // Weakly: an element that the page lets go of is the page's to lose, and a test that counts what it holds has to see that.
  const players: WeakRef<HTMLAudioElement>[] = [];
  const NativeAudio = window.Audio;
  window.Audio = class extends NativeAudio {
    constructor(source?: string) {
      super(source);
      players.push(new WeakRef<HTMLAudioElement>(this));
    }
  };
  Object.defineProperty(window, "players", { get: () => players.flatMap((player) => player.deref() ?? []) });
}

/** What the page's elements play now: they have to be running, and their streams are measured in the page. */
export function playedSound(page: Page): Promise<HeardAudio> {
  return page.evaluate(async () => {
    const playing = window.players.find((player) => !player.paused && player.srcObject instanceof MediaStream);
    if (!playing) return { level: 0, frequencyHz: 0 };
    const context = new AudioContext({ sampleRate: 48_000 });
    const analyser = new AnalyserNode(context, { fftSize: 8192 });
    context.createMediaStreamSource(playing.srcObject as MediaStream).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 300)); // longer than what the analyser looks at
    const samples = new Float32Array(analyser.fftSize);
    const spectrum = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatTimeDomainData(samples);
    analyser.getFloatFrequencyData(spectrum);
    await context.close();
    const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    return { level, frequencyHz: (spectrum.indexOf(Math.max(...spectrum)) * 48_000) / analyser.fftSize };
  });
}

declare global {
  interface Window {
    readonly players: readonly HTMLAudioElement[];
  }
}
