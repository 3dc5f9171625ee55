// Takes the pictures of the README anew: `pnpm --filter @roomtone/web pictures [FOLDER]`, after a build.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { releaseNatives } from "@roomtone/node-audio";
import { StudioStage } from "./studio-stage.ts";
import { themes, tour, widths } from "./tour.ts";

const CHART_MS = 15_000;
const folder = process.argv[2] ?? fileURLToPath(new URL("../../../../docs/pictures", import.meta.url));
await mkdir(folder, { recursive: true });
for (const theme of themes) {
  for (const width of widths) {
    const stage = await StudioStage.open();
    try {
      await tour(stage, "evening-session", { width, theme }, async (screen, page) => {
        // Until the server has judged somebody's connection, and the charts have something to show.
        if (screen === "live") await page.getByRole("img", { name: "Connection excellent" }).first().waitFor();
        if (screen === "health") await page.waitForTimeout(CHART_MS);
        await page.screenshot({ path: join(folder, `${screen}-${theme}-${width}.png`) });
      });
    } finally {
      await stage.close();
    }
  }
}
await releaseNatives();
