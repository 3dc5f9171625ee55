import { readFile, writeFile } from "node:fs/promises";

const readme = new URL("../../README.md", import.meta.url);

/** Puts `text` into the README, between the comments `<!-- bench NAME -->` and `<!-- /bench NAME -->`. */
export async function writeIntoReadme(name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- /bench ${name} -->`];
  const before = await readFile(readme, "utf8");
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`);
  await writeFile(readme, `${before.slice(0, from + begin.length)}\n${text}\n${before.slice(to)}`);
}
