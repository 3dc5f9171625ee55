import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/axe.ts";
import { showState } from "./support/take-states.ts";
import { withBuiltPages } from "./support/with-built-pages.ts";

const wide = { width: 1440, height: 900 };
const narrow = { width: 360, height: 780 };

describe("each state of the studio", () => {
  const openBuiltPage = withBuiltPages();

  it.each([
    { viewport: narrow, colorScheme: "light" },
    { viewport: wide, colorScheme: "dark" },
  ] as const)("has no barrier and fits a window $viewport.width pixels wide, in the $colorScheme theme", async (context) => {
    const page = await openBuiltPage("states", { ...context, reducedMotion: "reduce" });
    const names = await page.evaluate(() => window.states.names);
    expect(names.length).toBeGreaterThan(80);
    const found: Record<string, readonly string[]> = {};
    for (const name of names) {
      await showState(page, name);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      const barriers = [...(await findBarriers(page)), ...(width > context.viewport.width ? [`needs ${width} px`] : [])];
      if (barriers.length > 0) found[name] = barriers;
    }
    expect(found).toEqual({});
    await page.context().close();
  });
});
