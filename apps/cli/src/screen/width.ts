import measure from "fast-string-truncated-width";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Columns that `text` takes on a terminal: wide characters two, combining ones and ANSI sequences none. */
export function displayWidth(text: string): number {
  return measure(text).width;
}

/** `text` cut to `columns`, with an ellipsis where something went. `text` holds no ANSI sequences. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return "";
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (displayWidth(kept) + displayWidth(segment) > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** `text` in lines of at most `columns`, broken at spaces; every line after the first begins with `indent`. A word that is longer stays whole. */
export function wrap(text: string, columns: number, indent: string): string {
  const lead = text.slice(0, text.length - text.trimStart().length);
  const [first = "", ...words] = text.trimStart().split(" ");
  const lines: string[] = [];
  let line = `${lead}${first}`;
  for (const word of words) {
    if (displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = `${line} ${word}`;
    }
  }
  return [...lines, line].join("\n");
}
