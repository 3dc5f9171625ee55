/** Gives back what it was sent after so many milliseconds. Loaded by URL into a worker, whose timers run on while the page is hidden. */

declare function postMessage(timer: number): void;

globalThis.onmessage = ({ data: [timer, delayMs] }: MessageEvent<readonly [timer: number, delayMs: number]>) => {
  setTimeout(() => postMessage(timer), delayMs);
};
