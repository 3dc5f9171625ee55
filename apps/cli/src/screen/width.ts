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
