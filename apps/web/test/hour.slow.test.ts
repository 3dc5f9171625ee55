import { describe, expect, it } from "vitest";
import { openFootprint } from "./support/footprint.ts";
import { withBuiltPages } from "./support/with-built-pages.ts";

const BUFFER_S = 600;
const HOUR_S = 3_600;
/** Compiled code and the engine's own statistics: an hour of points that is kept would be some 300 KB. */
const NOISE_BYTES = 200_000;

describe("the health panel", () => {
  const openBuiltPage = withBuiltPages();

  it("draws an hour of figures at once, and neither its nodes nor its heap grow", async () => {
    const page = await openBuiltPage("hour");
    await page.locator(".chart canvas").nth(3).waitFor();
    const footprint = await openFootprint(page);
    const feed = (seconds: number) => page.evaluate((count) => window.feedSeconds(count), seconds);
    await feed(2 * BUFFER_S);
    const before = await footprint.read();
    expect(await feed(HOUR_S)).toBe(BUFFER_S);
    const after = await footprint.read();
    console.info(`an hour of figures: ${after.heapBytes - before.heapBytes} bytes of heap, ${after.nodes - before.nodes} nodes`);
    expect(after.nodes).toBeLessThanOrEqual(before.nodes);
    expect(after.listeners).toBeLessThanOrEqual(before.listeners);
    expect(after.heapBytes - before.heapBytes).toBeLessThan(NOISE_BYTES);
    expect(await page.getByText("32.0 kbit/s").count()).toBe(1);
  });
});
