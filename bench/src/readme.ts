import { readFile, writeFile } from "node:fs/promises";

const README = new URL("../../README.md", import.meta.url);

/** Puts `text` into the README, between the comments `<!-- bench NAME -->` and `<!-- /bench NAME -->`. */
export async function writeIntoReadme(name: string, text: string, readme = README): Promise<void> {
  await writeFile(readme, withTable(await readFile(readme, "utf8"), name, text));
}

/** `page` with `text` between the comments of that name, and nothing else changed. */
export function withTable(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- /bench ${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
