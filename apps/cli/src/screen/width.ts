import measure from "fast-string-truncated-width";

/** Columns that `text` takes on a terminal: wide characters two, combining ones and ANSI sequences none. */
export function displayWidth(text: string): number {
  return measure(text).width;
}

/** `text` cut to `columns`, with an ellipsis where something went. `text` holds no ANSI sequences. */
export function truncate(text: string, columns: number): string {
  if (columns <= 0) return "";
  const { index, ellipsed } = measure(text, { limit: columns, ellipsis: "…" });
  return ellipsed ? `${text.slice(0, index)}…` : text.slice(0, index);
}
