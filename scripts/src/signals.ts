import { constants } from "node:os";

type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** Two deliveries of one signal to a group are this close. */
const SAME_SIGNAL_MS = 300;

const listeners = new Set<(signal: EndSignal) => void>();
const receivedMs = new Map<EndSignal, number>();

/**
 * Our parent hands on the signals that it gets. One that went to the whole group (Ctrl-C, `timeout`) comes twice, or
 * three times with npm's copy: the second SIGINT would mean "leave at once". So a copy counts only where the signal did
 * not reach this process by itself around that time.
 */
export function followParent(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      receivedMs.set(signal, performance.now());
    });
  }
  process.on("message", ({ signal }: { signal: EndSignal }) => {
    // A copy may overtake the original.
    setTimeout(() => {
      const last = receivedMs.get(signal) ?? Number.NEGATIVE_INFINITY;
      if (performance.now() - last > SAME_SIGNAL_MS) process.emit(signal, signal);
    }, SAME_SIGNAL_MS / 3);
  });
  // The channel alone is no reason to stay.
  process.channel?.unref();
}

/** While nothing else runs that handles them, signals end this process. Returns how to stop that. */
export function leaveOnSignal(): () => void {
  return onSignal((signal) => {
    setTimeout(() => process.exit(128 + constants.signals[signal]), 50);
  });
}

/** Calls `listener` for each signal that asks to end; returns its removal. */
export function onSignal(listener: (signal: EndSignal) => void): () => void {
  if (listeners.size === 0) for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, handle);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, handle);
  };
}

function handle(signal: NodeJS.Signals): void {
  for (const listener of listeners) listener(signal as EndSignal);
}
