// Takes the pictures of the README anew: `pnpm --filter @roomtone/web pictures [FOLDER]`, after a build.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StudioStage } from "./studio-stage.ts";
import { themes, tour, widths } from "./tour.ts";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../../../docs/pictures", import.meta.url));
await mkdir(folder, { recursive: true });
const stage = await StudioStage.open();
try {
  for (const theme of themes) {
    for (const width of widths) {
      await tour(stage, `evening-session-${theme}-${width}`, { width, theme }, async (screen, page) => {
        await page.screenshot({ path: join(folder, `${screen}-${theme}-${width}.png`) });
      });
    }
  }
} finally {
  await stage.close();
}
