import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { tour } from "./support/tour.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();
/** As WCAG 1.4.12 has it. */
const spacedText =
  "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }";
const LEAST_TARGET_PX = 24;

describe("the studio, as people set up their screens", () => {
  const enter = async (roomName: string, context: BrowserContextOptions) => {
    await stage().peer(roomName, { identity: "ada", name: "Ada Okafor", toneHz: 330 });
    const page = await stage().join(roomName, "Noor", { ...context, reducedMotion: "reduce" });
    await page.getByRole("meter", { name: "Level of Ada Okafor" }).waitFor();
    return page;
  };

  it.each([
    { name: "320 pixels", size: { width: 320, height: 640 }, spaced: false },
    { name: "400 percent", size: { width: 320, height: 256 }, spaced: false },
    { name: "a phone on its side", size: { width: 740, height: 360 }, spaced: false },
    { name: "spaced text", size: { width: 360, height: 780 }, spaced: true },
    { name: "an ultra-wide screen", size: { width: 2560, height: 1080 }, spaced: false },
  ])(
    "needs no scrolling to the side at $name, and nothing that is pressed is under 24 pixels",
    { timeout: 60_000 },
    async ({ name, size, spaced }) => {
      const found: Record<string, readonly string[]> = {};
      await tour(stage(), `sizes-${name.replaceAll(" ", "-")}`, { theme: "light", ...size }, async (screen, page) => {
        if (spaced) await page.evaluate(addStyles, spacedText);
        const problems = [...(await page.evaluate(smallTargets, LEAST_TARGET_PX)), ...(await tooWide(page))];
        if (problems.length > 0) found[screen] = problems;
      });
      expect(found).toEqual({});
    },
  );

  it.each(["light", "dark"] as const)("draws levels, lamps, switches and faders in the system's colours, %s", async (colorScheme) => {
    const page = await enter(`forced-${colorScheme}`, { viewport: { width: 1200, height: 800 }, forcedColors: "active", colorScheme });
    const colors = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).backgroundColor);
    const canvas = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    for (const [part, ground] of [
      [".level-fill", ".level"],
      [".slider-fill", ".slider-track"],
    ] as const) {
      const [drawn, behind] = [await colors(part), await colors(ground)];
      expect(new Set([drawn, behind, canvas]).size, `${part} on ${ground}`).toBe(3);
    }
    for (const part of [".lamp-light", ".person-lamp", ".slider-thumb", ".talk-button"]) expect(await colors(part), part).not.toBe(canvas);
    const tabLine = (name: RegExp) => page.getByRole("tab", { name }).evaluate((tab) => getComputedStyle(tab).borderBottomColor);
    expect(await tabLine(/People/)).not.toBe(await tabLine(/Health/));
    await page.getByRole("button", { name: "Invite" }).click();
    expect(await colors(".switch-thumb")).not.toBe(canvas);
    await page.context().close();
  });

  it("draws soft words and lines in full ink where more contrast is wanted", async () => {
    const page = await enter("contrast", { contrast: "more" });
    const colorOf = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => getComputedStyle(element).color);
    expect(await colorOf(".quiet")).toBe(await colorOf("body"));
    await page.context().close();
  });
});

function addStyles(css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}

/** What is pressed and is smaller than `leastPx`, a line each. Runs in the page. */
function smallTargets(leastPx: number): string[] {
  // Of a fader the whole height of its row takes the press, and not the input in its cap.
  const targets = [
    ...document.querySelectorAll(
      "button, a, input:not([type=range]), select, textarea, summary, .slider-control, [role=switch], [role=tab]",
    ),
  ];
  return targets.flatMap((target) => {
    const { width, height } = target.getBoundingClientRect();
    // What is there for screen readers, and shown with the focus, is a pixel wide.
    const hidden = width <= 1 || getComputedStyle(target).visibility === "hidden";
    return hidden || Math.min(width, height) >= leastPx ? [] : [`${target.textContent || target.tagName}: ${width} × ${height}`];
  });
}

async function tooWide(page: Page): Promise<string[]> {
  const excessPx = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return excessPx > 0 ? [`${excessPx} px too wide`] : [];
}
