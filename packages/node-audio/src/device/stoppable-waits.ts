/**
 * Waits, one after the other, that a stop ends. A race against one promise that stays open would keep each wait's result for as long
 * as that promise lives.
 */
export class StoppableWaits {
  #stopped = false;
  #wake = () => {};

  /** Ends the wait of now, and every later one at once. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  until<T>(promise: Promise<T>): Promise<T | "stopped"> {
    return new Promise((resolve, reject) => {
      promise.then(resolve, reject);
      if (this.#stopped) resolve("stopped");
      else this.#wake = () => resolve("stopped");
    });
  }
}
