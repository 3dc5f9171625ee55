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
  let text = "";
  for (let index = 0; index < bytes.length; ) {
    const first = bytes[index] as number;
    const length = sequenceLength(first);
    if (length === 0 || index + length > bytes.length) return undefined;
    let codePoint = length === 1 ? first : first & (0x7f >> length);
    for (let offset = 1; offset < length; offset += 1) {
      const next = bytes[index + offset] as number;
      if ((next & 0xc0) !== 0x80) return undefined;
      codePoint = (codePoint << 6) | (next & 0x3f);
    }
    if (codePoint < (smallest[length] as number) || codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return undefined;
    text += String.fromCodePoint(codePoint);
    index += length;
  }
  return text;
}

/** The smallest code point that needs a sequence of so many bytes. */
const smallest = [0, 0, 0x80, 0x800, 0x10000];

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}
