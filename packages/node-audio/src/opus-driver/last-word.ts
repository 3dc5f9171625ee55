/** Where media is gone: so long the server may take to say why. */
const LAST_WORD_MS = 250;

/** Whom the server sends away it takes the media from, too, and its word why may be the second to be read: the wait for it. */
export class LastWord {
  #timer: NodeJS.Timeout | undefined;
  #said: Promise<void> | undefined;
  #settle: () => void = () => {};

  /** Resolves when it has been said, or is waited for no more; undefined where nobody waited. */
  get said(): Promise<void> | undefined {
    return this.#said;
  }

  /** Calls `onSilence` where it is not said in time. */
  wait(onSilence: () => void): void {
    if (this.#said) return;
    this.#said = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#timer = setTimeout(onSilence, LAST_WORD_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#settle();
  }
}
