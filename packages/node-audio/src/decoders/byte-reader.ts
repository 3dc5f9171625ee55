/** Bytes in order, from chunks of any length, with a look ahead. One caller at a time. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffered: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks;
  }

  /** The next `count` bytes, left in place; fewer only at the end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#buffered.length < count && (await this.#fill()));
    return this.#buffered.subarray(0, count);
  }

  /** The next `count` bytes; fewer only at the end. */
  async take(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#buffered = this.#buffered.subarray(bytes.length);
    return bytes;
  }

  /** What is there, up to `maxCount` bytes and at least one; undefined at the end. Does not wait for more than it has. */
  async takeSome(maxCount: number): Promise<Uint8Array | undefined> {
    while (this.#buffered.length === 0) if (!(await this.#fill())) return undefined;
    const bytes = this.#buffered.subarray(0, maxCount);
    this.#buffered = this.#buffered.subarray(bytes.length);
    return bytes;
  }

  /** Skips `count` bytes; false where the end came first. */
  async skip(count: number): Promise<boolean> {
    for (let left = count; left > 0; ) {
      const skipped = await this.takeSome(left);
      if (!skipped) return false;
      left -= skipped.length;
    }
    return true;
  }

  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const result = await this.#chunks.next();
    if (result.done) {
      this.#ended = true;
      return false;
    }
    this.#buffered = this.#buffered.length === 0 ? result.value : Buffer.concat([this.#buffered, result.value]);
    return true;
  }
}
