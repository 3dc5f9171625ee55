/** Owns what was acquired, and releases it newest first, exactly once. */
export class Lifetime {
  #releases: Array<() => unknown> = [];
  #closing: Promise<void> | undefined;

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Registers `release` for `resource`, in the same line that acquires it. After `close` it is released at once. */
  own<T>(resource: T, release: (resource: T) => unknown): T {
    if (this.#closing) void (async () => release(resource))().catch(() => {});
    else this.#releases.push(() => release(resource));
    return resource;
  }

  /** Registers a release that belongs to no value. */
  defer(release: () => unknown): void {
    this.own(undefined, release);
  }

  /**
   * Releases everything, newest first, each after the one before has settled. Every caller awaits the same release.
   * A release that fails does not keep the others from running: the first failure is thrown at the end.
   */
  close(): Promise<void> {
    this.#closing ??= this.#releaseAll();
    return this.#closing;
  }

  async #releaseAll(): Promise<void> {
    const failed: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  }
}
