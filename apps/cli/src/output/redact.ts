/** Three base64url parts of which the first begins like a JSON object: the shape of every JWT, whatever it is for. */
const JWT_SHAPED = /eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;

/** Keeps secrets out of what people and programs read: the ones it was told of, and whatever looks like a token. */
export class Redaction {
  readonly #secrets = new Set<string>();

  /** From now on `secret` never appears. Short strings are left alone: they would garble ordinary text. */
  add(secret: string | undefined): void {
    if (secret !== undefined && secret.length >= 6) this.#secrets.add(secret);
  }

  apply(text: string): string {
    let clean = text.replace(JWT_SHAPED, "<token>");
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, "<secret>");
    return clean;
  }
}
