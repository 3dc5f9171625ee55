import type { CaptureEvent } from "@roomtone/core";

type Listener = (event: CaptureEvent) => void;

/** Who wants to know that a device is lost or back. */
export class DeviceEvents {
  readonly #listeners = new Set<{ readonly listener: Listener }>();

  on(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** A listener that throws is its owner's fault: it is reported as an uncaught error, and the device lives on. */
  emit(event: CaptureEvent): void {
    for (const { listener } of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
