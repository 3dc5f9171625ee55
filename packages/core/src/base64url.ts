const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const sextets = new Map([...alphabet].map((character, value) => [character, value]));

/** The bytes of `text` in base64url, with or without padding; undefined where it is none. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  const body = text.replace(/={1,2}$/, "");
  if (body.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let written = 0;
  for (const character of body) {
    const value = sextets.get(character);
    if (value === undefined) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[written] = (bits >> bitCount) & 0xff;
    written += 1;
  }
  return bytes;
}

/** The text of UTF-8 `bytes`; undefined where they are not UTF-8 (overlong forms and lone surrogates included). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    // The one strict UTF-8 decoder that the language itself has.
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return undefined;
  }
}
