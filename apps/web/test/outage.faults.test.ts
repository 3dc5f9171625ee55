import { describe, expect, it } from "vitest";
import { playedSound } from "./support/played-sound.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 30_000 };
const stage = withStudioStage();

describe("the studio, when its server goes away", () => {
  it("says so, comes back by itself, and is as muted and as loud as before", async () => {
    const node = await stage().peer("away", { identity: "node", name: "Node", toneHz: 1000 });
    const page = await stage().join("away", "Noor");
    await expect.poll(() => node.hear("Noor").frequencyHz, patience).toBeCloseTo(440, -1);
    const lamp = page.getByRole("banner").locator(".lamp-words");
    const volume = page.getByRole("slider", { name: "Volume of Node" });
    await volume.focus();
    for (let step = 0; step < 5; step += 1) await volume.press("PageDown");
    await page.getByRole("button", { name: "Mute" }).click();
    await expect.poll(() => lamp.textContent()).toBe("muted");

    await stage().server.kill();
    await expect.poll(() => lamp.textContent(), patience).toBe("reconnecting");
    await page.getByRole("alert").getByText("The connection to the room was lost.").waitFor();
    await page.getByText("Nobody hears you now").waitFor();
    await stage().server.start();
    await expect.poll(() => lamp.textContent(), patience).toBe("muted");
    await page
      .getByRole("status")
      .getByText(/^Back after [\d.]+ s\.$/)
      .waitFor();
    await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    await expect.poll(async () => Math.abs((await playedSound(page)).frequencyHz - 1000), patience).toBeLessThan(20);
    expect(await volume.getAttribute("aria-valuetext")).toBe("50 percent");
    expect(await page.evaluate(() => window.players.filter(({ paused }) => !paused).map((player) => player.volume))).toEqual([0.5]);

    await page.getByRole("button", { name: "Unmute" }).click();
    const talking = page.getByRole("region", { name: "You" }).getByRole("status").first();
    await expect.poll(() => talking.textContent(), patience).toBe("You are on air");
    await expect.poll(() => node.hear("Noor").frequencyHz, patience).toBeCloseTo(440, -1);
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
    await page.context().close();
  });
});
