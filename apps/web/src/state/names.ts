/** A LiveKit server takes no longer names, of rooms or of people: of either measure. */
export const MAX_NAME_CHARS = 128;
const MAX_NAME_BYTES = 256;

/** Characters that show nothing and control something, among them those that turn the direction of what stands beside them. */
const controls = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;
const seen = /[^\p{Cc}\p{Cf}\p{Z}\p{M}]/u;

/** `text` as the name of a room or of a person: a line that can be seen, as long as a server takes; else nothing. */
export function tidyName(text: string): string {
  const name = text.replace(controls, " ").trim();
  return seen.test(name) ? cutText(name, MAX_NAME_CHARS, MAX_NAME_BYTES).trim() : "";
}

/** What `text` a stranger wrote, over several lines: without controls, but with the joiners that scripts and emoji are written with. */
export function tidyText(text: string): string {
  const words = text.replace(/\r\n?/g, "\n").replace(controls, (control) => (control === "\n" || control === "\t" ? control : ""));
  return seen.test(words) ? words.trim() : "";
}

/** The beginning of `text`, in whole characters. */
export function cutText(text: string, maxChars: number, maxBytes = Number.POSITIVE_INFINITY): string {
  if (text.length <= maxChars && new TextEncoder().encode(text).length <= maxBytes) return text;
  const encoder = new TextEncoder();
  let cut = "";
  let bytes = 0;
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (cut.length + character.length > maxChars || bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
