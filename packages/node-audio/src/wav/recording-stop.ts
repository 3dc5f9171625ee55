import type { Writable } from "node:stream";
import { type AbortSignalLike, whenAborted } from "@roomtone/core";
import { isReaderGone } from "./output-errors.js";

/** What ends a recording before its source does. */
export class RecordingStop {
  #reason: "aborted" | "reader-closed" | undefined;
  #failure: Error | undefined;
  #interrupt = () => {};
  readonly #stopListening: () => void;
  readonly #writable: Writable | undefined;

  constructor(signal: AbortSignalLike | undefined, writable: Writable | undefined) {
    this.#writable = writable;
    writable?.on("error", ignore).on("close", this.#gone);
    if (writable?.destroyed) this.#gone();
    this.#stopListening = whenAborted(signal, () => {
      this.#reason ??= "aborted";
      this.#interrupt();
    });
  }

  /**
   * What `promise` gives, unless the recording has to stop first. Each wait is a promise of its own: waiting on one that lives as
   * long as the recording would keep them all.
   */
  unless<T>(promise: Promise<T>): Promise<T | "aborted" | "reader-closed"> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => {
        if (this.#failure) reject(this.#failure);
        else if (this.#reason) resolve(this.#reason);
      };
      promise.then(resolve, reject);
      this.#interrupt();
    });
  }

  release(): void {
    this.#stopListening();
    this.#writable?.off("close", this.#gone);
    // The error event of a failed write comes after its callback.
    if (this.#writable && !this.#writable.errored && !this.#writable.destroyed) this.#writable.off("error", ignore);
  }

  readonly #gone = () => {
    const error = this.#writable?.errored;
    if (error && !isReaderGone(error)) this.#failure = error;
    this.#reason ??= "reader-closed";
    this.#interrupt();
  };
}

/** A write's error reaches its callback; without a listener it would also end the process. */
function ignore(): void {}
