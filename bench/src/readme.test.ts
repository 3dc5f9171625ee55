import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { withTable, writeIntoReadme } from "./readme.ts";

const page = (table: string) => `# Name\n\n<!-- bench fleets -->${table}<!-- /bench fleets -->\n\nThe end.\n`;

it("puts a table between its comments, whatever was there, and leaves the rest as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "readme-"));
  try {
    const readme = pathToFileURL(join(folder, "README.md"));
    await writeFile(readme, page("\nold | $& row\n"));
    for (const table of ["| new $1 |", "| newer |"]) await writeIntoReadme("fleets", table, readme);
    expect(await readFile(readme, "utf8")).toBe(page("\n| newer |\n"));
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("refuses a page that has no place for the table, or has it the wrong way round", () => {
  expect(() => withTable(page(""), "microphone", "| row |")).toThrow("bench microphone");
  expect(() => withTable("<!-- /bench fleets --><!-- bench fleets -->", "fleets", "| row |")).toThrow("bench fleets");
});

it("finds a place for each of its tables in the README as it stands", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  for (const name of ["microphone", "side-by-side", "fleets"]) expect(withTable(readme, name, "| row |")).toContain("| row |");
});
