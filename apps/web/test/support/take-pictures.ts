// Takes the kept pictures anew, or with FOLDER those of every screen and every state, the ends and errors among them:
// `pnpm --filter @roomtone/web pictures [FOLDER]`, after a build.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { releaseNatives } from "@roomtone/node-audio";
import { squeezePng } from "./squeeze-png.ts";
import { StudioStage } from "./studio-stage.ts";
import { takeStates } from "./take-states.ts";
import { themes, tour, widths } from "./tour.ts";

const CHART_MS = 15_000;
const kept = ["live-light-1440", "live-dark-360", "lobby-dark-1440", "health-dark-360", "invite-light-360"];
const given = process.argv[2];
const folder = given ?? fileURLToPath(new URL("../../../../docs/pictures", import.meta.url));
await mkdir(folder, { recursive: true });
for (const theme of themes) {
  for (const width of widths) {
    const stage = await StudioStage.open();
    try {
      await tour(stage, "evening-session", { width, theme }, async (screen, page) => {
        // Until the server has judged somebody's connection, and the charts have something to show.
        if (screen === "live") await page.getByRole("img", { name: "Connection excellent" }).first().waitFor();
        // A microphone that is made of a file begins with a click.
        await page.locator(".channel-warning:not(:empty)").waitFor({ state: "hidden" });
        if (screen === "health") await page.waitForTimeout(CHART_MS);
        const name = `${screen}-${theme}-${width}`;
        if (given !== undefined || kept.includes(name)) await writeFile(join(folder, `${name}.png`), squeezePng(await page.screenshot()));
      });
    } finally {
      await stage.close();
    }
  }
}
if (given !== undefined) await takeStates(folder);
await releaseNatives();
