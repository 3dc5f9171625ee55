import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/axe.ts";
import { type ScreenName, themes, tour, widths } from "./support/tour.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();

describe("every screen of the studio", () => {
  it.each(widths.flatMap((width) => themes.map((theme) => ({ width, theme }))))(
    "has no barrier and fits a window $width pixels wide, in the $theme theme",
    { timeout: 120_000 },
    async ({ width, theme }) => {
      const found: Record<string, readonly string[]> = {};
      await tour(stage(), `tour-${theme}-${width}-with-a-long-name-that-has-no-place-to-break`, { width, theme }, async (screen, page) => {
        found[screen] = [...(await findBarriers(page)), ...(await overflowing(page, width))];
        if (screen === "live" || screen === "health") expect(await page.getByText("to talk while muted").isVisible()).toBe(width >= 600);
      });
      const names: ScreenName[] = [
        "lobby",
        "live",
        "invite",
        ...(width < 1120 ? (["chat"] as const) : []),
        "health",
        "ended",
        "listening",
        "token",
      ];
      expect(found).toEqual(Object.fromEntries(names.map((name) => [name, []])));
    },
  );

  it("say on a phone that the space bar talks once a keyboard shows that it is there", async () => {
    const page = await stage().join("keys", "Noor", { viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true });
    const hint = page.getByText("to talk while muted");
    await page.getByRole("tab", { name: "Chat" }).tap();
    await page.getByLabel("Message to everybody").fill("typed on the screen");
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("typed on the screen").waitFor();
    expect(await hint.count()).toBe(0);
    await page.getByRole("tab", { name: "People" }).focus();
    await page.keyboard.press("Tab");
    await hint.waitFor();
    await page.context().close();
  });

  it("keep their policy, and their scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});

/** Whether the page is wider than its window, a line for it. */
async function overflowing(page: Page, width: number): Promise<string[]> {
  const needed = await page.evaluate(() => document.documentElement.scrollWidth);
  return needed > width ? [`needs ${needed} px`] : [];
}
