import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./support/chromium.ts";
import { openFootprint } from "./support/footprint.ts";

const BUFFER_S = 600;
const HOUR_S = 3_600;
/** Compiled code and the engine's own statistics: an hour of points that is kept would be some 300 KB. */
const NOISE_BYTES = 200_000;

describe("the health panel", () => {
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it("draws an hour of figures at once, and neither its nodes nor its heap grow", async () => {
    const page = await browser.newPage();
    const files = await builtFiles();
    await page.route("**/*", (route) => {
      const path = new URL(route.request().url()).pathname.slice(1);
      const file = files.get(path);
      if (file) return route.fulfill({ body: file, contentType: path.endsWith(".css") ? "text/css" : "text/javascript" });
      return route.fulfill({
        body: '<!doctype html><title>Hour</title><script type="module" src="/hour.js"></script>',
        contentType: "text/html",
      });
    });
    await page.goto("http://localhost/");
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

async function builtFiles(): Promise<Map<string, string>> {
  const built = await build({
    root: fileURLToPath(new URL("..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    // As it is shipped: a test's environment would have JSX compiled for React's development build.
    define: { "process.env.NODE_ENV": '"production"' },
    oxc: { jsx: { development: false } },
    build: {
      write: false,
      minify: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(new URL("page/hour.tsx", import.meta.url)), output: { entryFileNames: "[name].js" } },
    },
  });
  const outputs = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  return new Map(outputs.map((file) => [file.fileName, file.type === "chunk" ? file.code : String(file.source)]));
}
