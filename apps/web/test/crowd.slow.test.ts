import type { CDPSession } from "playwright-core";
import { describe, expect, it } from "vitest";
import { widths } from "./support/tour.ts";
import { withBuiltPages } from "./support/with-built-pages.ts";

const WINDOW_MS = 5_000;
/** It is 11 to 16 % on a server's core. */
const MOST_BUSY_SHARE = 0.3;

describe("a room of thirty in which people talk", () => {
  const openBuiltPage = withBuiltPages({ freePlayback: true });

  it.each(widths)("leaves the page's own thread free, in a window %i pixels wide", async (width) => {
    const page = await openBuiltPage("crowd", { viewport: { width, height: 900 } });
    const meter = page.getByRole("meter", { name: "Level of Ada Okafor", exact: true });
    await expect.poll(async () => Number(await meter.getAttribute("aria-valuenow")), { timeout: 20_000 }).toBeGreaterThan(-60);
    await page.evaluate(() => window.crowd.converse());
    const inspector = await page.context().newCDPSession(page);
    // The processor's time, which what else runs on the machine does not add to.
    await inspector.send("Performance.enable", { timeDomain: "threadTicks" });
    const before = await busySeconds(inspector);
    await page.waitForTimeout(WINDOW_MS);
    const share = ((await busySeconds(inspector)) - before) / (WINDOW_MS / 1000);
    console.info(`30 people, ${width} pixels wide: the page's thread is busy for ${(100 * share).toFixed(1)} % of the time`);
    expect(share).toBeLessThan(MOST_BUSY_SHARE);
    await page.context().close();
  });
});

async function busySeconds(inspector: CDPSession): Promise<number> {
  const { metrics } = await inspector.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
}
