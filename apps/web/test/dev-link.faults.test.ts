import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { launchChromium } from "./support/chromium.ts";
import { keepPlayers, playedSound } from "./support/played-sound.ts";
import { textWithoutGesture } from "./support/untouched.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

it("npm start prints a link that opens the studio already listening, and plays after one click", { timeout: 120_000 }, async () => {
  const dev = spawn(process.execPath, ["scripts/bootstrap.mjs", "start", "--input", "tone:440"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(dev, "exit");
  let output = "";
  for (const stream of [dev.stdout, dev.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const browser = await launchChromium();
  try {
    const link = () => /http:\S+\?room=\S+/.exec(output)?.[0] ?? "";
    await expect.poll(link, { timeout: 90_000 }).not.toBe("");
    const page = await browser.newPage();
    await page.addInitScript(keepPlayers);
    await page.goto(link());
    await expect.poll(() => textWithoutGesture(page), { timeout: 20_000 }).toContain("waits for a click");
    await page.getByRole("button", { name: "Listen", exact: true }).click();
    await expect.poll(async () => Math.abs((await playedSound(page)).frequencyHz - 440), { timeout: 20_000 }).toBeLessThan(20);
  } finally {
    await browser.close();
    dev.kill("SIGINT");
    expect(await ended, output).toEqual([0, null]);
  }
});
