import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/axe.ts";
import { playedSound } from "./support/played-sound.ts";
import { textWithoutGesture } from "./support/untouched.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 20_000 };
const stage = withStudioStage();

describe("the studio, in a room", () => {
  it("plays the room after one click, without a microphone, from a link that listens", async () => {
    await stage().peer("hall", { identity: "ann", name: "Ann", toneHz: 1000 });
    const page = await stage().visit("?room=hall&listen");
    await expect.poll(() => textWithoutGesture(page), patience).toContain("waits for a click");
    await page.getByRole("button", { name: "Listen", exact: true }).click();
    await expect.poll(async () => Math.abs((await playedSound(page)).frequencyHz - 1000), patience).toBeLessThan(20);
    await page.getByText("Listening only").waitFor();
    const meter = page.getByRole("meter", { name: "Level of Ann" });
    await expect.poll(async () => Number(await meter.getAttribute("aria-valuenow")), patience).toBeGreaterThan(-30);
    expect(page.url()).toBe(`${stage().server.pageUrl}?room=hall&listen`);
    expect(await stage().moderator.listParticipants("hall")).toHaveLength(2);
    await page.context().close();
  });

  it("is heard in Node and hears Node, and changes device, mutes and talks without publishing again", async () => {
    const node = await stage().peer("duet", { identity: "node", name: "Node", toneHz: 1000 });
    const page = await stage().join("duet", "Noor");
    await expect.poll(() => node.hear("Noor").frequencyHz, patience).toBeCloseTo(440, -1);
    await expect.poll(async () => Math.abs((await playedSound(page)).frequencyHz - 1000), patience).toBeLessThan(20);

    await page.getByLabel("Microphone", { exact: true }).selectOption({ label: "Fake Audio Input 2" });
    await page.getByText("Using Fake Audio Input 2.").waitFor();
    await expect.poll(() => node.hear("Noor").frequencyHz, patience).toBeCloseTo(440, -1);

    await page.getByRole("button", { name: "Mute" }).click();
    const state = page.getByRole("region", { name: "You" }).getByRole("status").first();
    await expect.poll(() => state.textContent()).toBe("You are muted");
    const seenMuted = () => node.room.state.participants.find(({ name }) => name === "Noor")?.tracks[0]?.muted;
    await expect.poll(seenMuted, patience).toBe(true);

    // Typing is typing, wherever it is.
    await page.getByLabel("Message to everybody").press("Space");
    expect(await state.textContent()).toBe("You are muted");
    await page.getByRole("heading", { level: 1 }).focus();
    await page.keyboard.down("Space");
    await expect.poll(() => state.textContent()).toBe("Talking while held");
    await expect.poll(seenMuted, patience).toBe(false);
    await page.keyboard.up("Space");
    await expect.poll(() => state.textContent()).toBe("You are muted");
    await expect.poll(seenMuted, patience).toBe(true);
    await page.getByRole("button", { name: "Unmute" }).press("Space");
    await expect.poll(() => state.textContent()).toBe("You are on air");
    expect(node.trackSids).toHaveLength(1);
    for (const colorScheme of ["light", "dark"] as const) {
      // Half way from one theme to the other no contrast is what it will be.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect.poll(() => findBarriers(page), { timeout: 15_000 }).toEqual([]); // a colour on its way is none
    }
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
