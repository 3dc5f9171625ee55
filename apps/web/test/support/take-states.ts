import { join } from "node:path";
import type { Page } from "playwright-core";
import { openBuiltPage } from "./built-page.ts";
import { launchChromium } from "./chromium.ts";
import { themes, widths } from "./tour.ts";

/** Takes a picture of every state of the page, in each window and theme, into `folder`. */
export async function takeStates(folder: string): Promise<void> {
  const browser = await launchChromium();
  try {
    for (const width of widths) {
      const viewport = { width, height: width < 600 ? 780 : 900 };
      const device = width < 600 ? { isMobile: true, hasTouch: true } : {};
      const page = await openBuiltPage(browser, "states", { viewport, ...device, reducedMotion: "reduce" });
      const names = await page.evaluate(() => window.states.names);
      for (const name of names) {
        for (const colorScheme of themes) {
          await page.emulateMedia({ colorScheme });
          await showState(page, name);
          const isLive = (await page.locator(".live").count()) > 0;
          // In a room what stays in view stands over what scrolls; elsewhere the whole page is seen at once.
          await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), animations: "disabled", fullPage: !isLive });
        }
      }
      await page.context().close();
    }
  } finally {
    await browser.close();
  }
}

/** Shows a state on the page of `test/page/states.tsx`, which begins anew. */
export async function showState(page: Page, name: string): Promise<void> {
  await page.reload();
  await page.evaluate((state) => window.states.show(state), name);
  await page.evaluate(() => document.fonts.ready);
}
