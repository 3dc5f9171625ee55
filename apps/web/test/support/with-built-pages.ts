import { withShared } from "@roomtone/testing";
import type { BrowserContextOptions, Page } from "playwright-core";
import { openBuiltPage } from "./built-page.ts";
import { type ChromiumOptions, launchChromium } from "./chromium.ts";

/** Opens the page of `test/page` that is called `name`. */
export type OpenBuiltPage = (name: string, context?: BrowserContextOptions) => Promise<Page>;

/** A browser for the tests of a file. Returns how to open pages in it from within a test. */
export function withBuiltPages(options: ChromiumOptions = {}): OpenBuiltPage {
  const browser = withShared(
    "browser",
    () => launchChromium(options),
    (opened) => opened.close(),
  );
  return (name, context) => openBuiltPage(browser(), name, context);
}
