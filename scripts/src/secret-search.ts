/** What a secret looks like: a signed JSON Web Token, or one of the secrets that `@roomtone/dev-server` makes. */
const secretShapes = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}|rtsecret_[\w-]{20,}/g;
/** Longer than any line that matters, so that a secret in two pieces is seen. */
const OVERLAP_CHARS = 8_192;

/** Searches a stream of text for secrets. It never repeats one: it says where it was, by what stood before. */
export class SecretSearch {
  #text = "";
  #searchedChars = 0;
  #found: string[] = [];

  add(piece: string): void {
    this.#text += piece;
    // Up to here no later piece can lengthen a match.
    this.#search(this.#text.length - OVERLAP_CHARS);
  }

  /** What was found, each described by the text before it. */
  end(): readonly string[] {
    this.#search(this.#text.length);
    return this.#found;
  }

  #search(endChars: number): void {
    if (endChars <= this.#searchedChars) return;
    for (const match of this.#text.matchAll(secretShapes)) {
      if (match.index < this.#searchedChars || match.index >= endChars) continue;
      const before = this.#text.slice(Math.max(0, match.index - 60), match.index).replaceAll(secretShapes, "…");
      this.#found.push(`${match[0].startsWith("eyJ") ? "a token" : "an API secret"} after ${JSON.stringify(before)}`);
    }
    this.#searchedChars = endChars;
    const keepFrom = Math.max(0, endChars - OVERLAP_CHARS);
    this.#text = this.#text.slice(keepFrom);
    this.#searchedChars -= keepFrom;
  }
}
