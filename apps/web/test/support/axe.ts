import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core"), "utf8");

/** What axe finds on the page as it stands, a line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Through the debugger: as a script tag the page's policy would refuse it.
  await page.evaluate(source);
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} ${target.join(" ")} ${failureSummary ?? ""}`),
  );
}
