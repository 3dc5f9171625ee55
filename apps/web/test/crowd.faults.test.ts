import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/axe.ts";
import { pressTabUntilOn } from "./support/focus.ts";
import { themes, widths } from "./support/tour.ts";
import { withBuiltPages } from "./support/with-built-pages.ts";

describe("a room of thirty, on the page", () => {
  const openBuiltPage = withBuiltPages({ freePlayback: true });

  const open = async (width: number, colorScheme: "light" | "dark" = "light"): Promise<Page> => {
    const viewport = { width, height: width < 600 ? 780 : 900 };
    const page = await openBuiltPage("crowd", { viewport, colorScheme, reducedMotion: "reduce" });
    await page.getByRole("meter", { name: "Level of Ada Okafor", exact: true }).waitFor();
    return page;
  };

  it.each(widths.flatMap((width) => themes.map((theme) => ({ width, theme }))))(
    "has no barrier, and keeps names in their places and the key in view, $width pixels wide in the $theme theme",
    async ({ width, theme }) => {
      const page = await open(width, theme);
      await page.evaluate(() => window.crowd.turn(1));
      expect(await page.getByRole("tab", { name: "People 30" }).count()).toBe(1);
      await expect.poll(() => findBarriers(page), { timeout: 15_000 }).toEqual([]);
      const people = page.getByRole("list", { name: "People in the room" }).getByRole("listitem");
      expect(await people.count()).toBe(29);
      await people.last().scrollIntoViewIfNeeded();
      const tooWide = await people.evaluateAll((items) => items.filter((item) => item.scrollWidth > item.clientWidth).length);
      expect([tooWide, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([0, width]);
      for (const name of width < 720 ? ["Mute", "Leave"] : ["Mute", "Leave", "Send"]) {
        const box = await page.getByRole("button", { name, exact: true }).boundingBox();
        const inView = box !== null && box.y >= 0 && box.y + box.height <= (page.viewportSize()?.height ?? 0);
        expect({ name, inView }).toEqual({ name, inView: true });
      }
      await page.context().close();
    },
  );

  it("keeps what has the focus clear of the bars that stay in view, on a phone, there and back", async () => {
    const page = await open(360);
    await page.getByRole("heading", { level: 1 }).focus();
    const covered: string[] = [];
    for (const key of ["Tab", "Shift+Tab"]) {
      for (let stop = 0; stop < 24; stop += 1) {
        await page.keyboard.press(key);
        covered.push(...(await page.evaluate(coveredFocus)));
      }
    }
    expect(covered).toEqual([]);
    await page.context().close();
  });

  it("draws anew who speaks, and nobody else", async () => {
    const page = await open(1440);
    await page.evaluate(() => window.crowd.turn(2));
    const before = await page.evaluate(() => window.crowd.reads());
    await page.evaluate(() => window.crowd.turn(30));
    const drawn = (await page.evaluate(() => window.crowd.reads())).map((count, index) => count - (before[index] ?? 0));
    // The first five speak.
    expect(drawn.slice(5)).toEqual(new Array(24).fill(0));
    await page.context().close();
  });

  it("lets a keyboard past everybody, to the chat", async () => {
    const page = await open(1440);
    await page.getByRole("tab", { name: "People 30" }).focus();
    const past = page.getByRole("button", { name: "Past everybody, to the chat" });
    await pressTabUntilOn(page, past);
    expect((await past.boundingBox())?.height).toBeGreaterThan(40);
    await page.keyboard.press("Enter");
    await page.keyboard.type("heard");
    expect(await page.getByLabel("Message to everybody").inputValue()).toBe("heard");
    await page.context().close();
  });
});

/** What has the focus, where something else lies over its middle. Runs in the page. */
function coveredFocus(): string[] {
  const focused = document.activeElement;
  // A slider's own element is an input without a place; what is seen is its thumb.
  const seen = focused?.closest(".slider-thumb") ?? focused;
  if (!focused || !seen || focused === document.body) return [];
  const { x, y, width, height } = seen.getBoundingClientRect();
  // The panel itself scrolls, and is never seen whole.
  if (height > window.innerHeight) return [];
  const top = document.elementFromPoint(x + width / 2, y + height / 2);
  return top && (seen.contains(top) || top.contains(seen)) ? [] : [`${focused.getAttribute("aria-label") ?? focused.textContent} at ${y}`];
}
