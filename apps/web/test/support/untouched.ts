import type { Page } from "playwright-core";

/** What the page shows, read without what a browser would take for a person's gesture: playwright's own reads are one. */
export async function textWithoutGesture(page: Page): Promise<string> {
  const inspector = await page.context().newCDPSession(page);
  try {
    const { result } = await inspector.send("Runtime.evaluate", { expression: "document.body.innerText", userGesture: false });
    return String(result.value);
  } finally {
    await inspector.detach();
  }
}
