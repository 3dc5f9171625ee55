/** Collects what nobody catches, and what Node warns of, while a fuzz target runs: each input has to answer for its own. */
export class Unattended {
  readonly #errors: unknown[] = [];
  readonly #note = (error: unknown) => void this.#errors.push(error);

  constructor() {
    process.on("unhandledRejection", this.#note);
    process.on("uncaughtException", this.#note);
    process.on("warning", this.#note);
  }

  /** @throws the first error that nobody caught since the last call */
  async check(): Promise<void> {
    // Rejections are told of after a turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    const [first] = this.#errors.splice(0);
    if (first !== undefined) throw first;
  }

  close(): void {
    process.off("unhandledRejection", this.#note);
    process.off("uncaughtException", this.#note);
    process.off("warning", this.#note);
  }
}

/** Whether all that an input names is on this machine: a mutated address may be anybody's. */
export function staysHere(input: Uint8Array): boolean {
  const text = Buffer.from(input).toString("latin1");
  return [...text.matchAll(/\d{1,3}(?:\.\d{1,3}){3}/g)].every(([address]) => /^(?:127|0)\./.test(address));
}
