/**
 * What a stranger's text must not do to a terminal: C0 and C1 controls (so every ANSI sequence), DEL, line and paragraph
 * separators, and the marks that reorder or hide text (bidi embeddings, overrides and isolates, zero-width characters, tags).
 */
const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** `text` as one line that is safe on a terminal: unsafe characters become visible escapes such as `\u{1b}`. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return "\\t";
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The same for a text of several lines, such as a stack, whose ends of lines stay. */
export function escapeLines(text: string): string {
  return text.split("\n").map(escapeForTerminal).join("\n");
}

/** `value` as one line of JSON that is also safe where standard output is a terminal. It parses back to the same value. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) => {
    let escaped = "";
    for (let index = 0; index < character.length; index += 1) {
      escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}
