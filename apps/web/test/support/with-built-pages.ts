import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { openBuiltPage } from "./built-page.ts";
import { type ChromiumOptions, launchChromium } from "./chromium.ts";

/** Opens the page of `test/page` that is called `name`. */
export type OpenBuiltPage = (name: string, context?: BrowserContextOptions) => Promise<Page>;

/** A browser for the tests of a file. Returns how to open pages in it from within a test. */
export function withBuiltPages(options: ChromiumOptions = {}): OpenBuiltPage {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchChromium(options);
  });
  afterAll(() => browser?.close());
  return (name, context) => {
    if (!browser) throw new Error("the browser is there within tests only");
    return openBuiltPage(browser, name, context);
  };
}
