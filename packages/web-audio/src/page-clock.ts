/** What the page has set while it was hidden. */
const waiting = new Map<number, () => void>();
let worker: Worker | undefined;
let isRefused = false;

/**
 * As `setTimeout`, and as punctual in a page that nobody sees: there browsers run a page's own timers once a second, and later once a
 * minute, but not a worker's. Where the worker does not load, the page's timers remain.
 */
export function setPageTimer(callback: () => void, delayMs: number): number {
  const timer = setTimeout(() => {
    waiting.delete(timer);
    callback();
  }, delayMs) as unknown as number;
  const clock = document.hidden ? openWorker() : undefined;
  if (clock) {
    waiting.set(timer, callback);
    clock.postMessage([timer, delayMs]);
  }
  return timer;
}

export function clearPageTimer(timer: number | undefined): void {
  clearTimeout(timer);
  if (timer !== undefined) waiting.delete(timer);
}

declare global {
  /** Where a page requires trusted types, a worker's address has to be one. */
  var trustedTypes:
    | { createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string } }
    | undefined;
}

function openWorker(): Worker | undefined {
  if (worker || isRefused) return worker;
  try {
    // `no-inline` as for the meter's worklet.
    const { href } = new URL("./page-clock-worker.js?no-inline", import.meta.url);
    worker = new Worker(trusted(href), { type: "module" });
    worker.onmessage = ({ data: timer }: MessageEvent<number>) => {
      const callback = waiting.get(timer);
      clearPageTimer(timer);
      callback?.();
    };
    worker.onerror = () => refuse();
  } catch {
    // This file is from another origin, or a policy forbids workers.
    refuse();
  }
  return worker;
}

/** As it is where the page's policy does not name ours: a default policy of the page may still let it through. */
function trusted(href: string): string {
  try {
    return globalThis.trustedTypes?.createPolicy("roomtone-page-clock", { createScriptURL: () => href }).createScriptURL("") ?? href;
  } catch {
    return href;
  }
}

function refuse(): void {
  isRefused = true;
  worker?.terminate();
  worker = undefined;
}
