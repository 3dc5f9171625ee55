import type { Locator, Page } from "playwright-core";

/** More than any screen has stops. */
const MAX_STOPS = 40;

export function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === document.activeElement);
}

/** Presses Tab until `target` has the focus. @throws where it is not among the next stops */
export async function pressTabUntilOn(page: Page, target: Locator): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    if (await hasFocus(target)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${String(target)} is not among the next ${MAX_STOPS} stops`);
}
