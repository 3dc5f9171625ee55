import { describe, expect, it } from "vitest";
import { playedSound } from "./support/played-sound.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 30_000 };
const stage = withStudioStage();

describe("two studios in one room", () => {
  it("hear each other, and not the one that is muted", async () => {
    const low = await stage().join("pair", "Low");
    const high = await stage().join("pair", "High", {}, { microphoneWav: await stage().tone(1000) });
    const apartHz = async (page: typeof low, expectedHz: number) => Math.abs((await playedSound(page)).frequencyHz - expectedHz);
    await expect.poll(() => apartHz(low, 1000), patience).toBeLessThan(20);
    await expect.poll(() => apartHz(high, 440), patience).toBeLessThan(20);
    const level = (page: typeof low, name: string) =>
      page
        .getByRole("meter", { name: `Level of ${name}` })
        .getAttribute("aria-valuenow")
        .then(Number);
    await expect.poll(() => level(low, "High"), patience).toBeGreaterThan(-30);
    await expect.poll(() => level(high, "Low"), patience).toBeGreaterThan(-30);

    await low.getByRole("button", { name: "Mute" }).click();
    await high.getByRole("listitem").filter({ hasText: "Low" }).getByText("Muted").waitFor();
    await expect.poll(async () => (await playedSound(high)).level, patience).toBeLessThan(0.002);
    await expect.poll(() => apartHz(low, 1000), patience).toBeLessThan(20);
    await low.getByRole("button", { name: "Unmute" }).click();
    await expect.poll(() => apartHz(high, 440), patience).toBeLessThan(20);
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
    await Promise.all([low, high].map((page) => page.context().close()));
  });
});
