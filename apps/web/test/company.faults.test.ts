import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/axe.ts";
import { textWithoutGesture } from "./support/untouched.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 20_000 };
const stage = withStudioStage();

describe("the studio, in company", () => {
  it("turns one person down and leaves the other alone", async () => {
    await stage().peer("mix", { identity: "ann", name: "Ann", toneHz: 500 });
    await stage().peer("mix", { identity: "bob", name: "Bob", toneHz: 700 });
    const page = await stage().visit("?room=mix&listen");
    await expect.poll(() => textWithoutGesture(page), patience).toContain("waits for a click");
    await page.getByRole("button", { name: "Listen", exact: true }).click();
    const volume = page.getByRole("slider", { name: "Volume of Ann" });
    await volume.focus();
    await volume.press("Home");
    await expect.poll(() => page.evaluate(() => window.players.map((player) => player.volume).sort())).toEqual([0, 1]);
    expect(await volume.getAttribute("aria-valuetext")).toBe("0 percent");
    await page.context().close();
  });

  it("writes to everybody, and shows what strangers write and are called as text", async () => {
    const node = await stage().peer("chat", { identity: "<img src=x>", name: "<b>Node</b>" });
    const page = await stage().join("chat", "Noor", { viewport: { width: 1440, height: 900 } });
    await page.getByLabel("Message to everybody").fill("  hello there ");
    await page.keyboard.press("Enter");
    await expect.poll(() => node.messages, patience).toEqual([{ topic: "roomtone.chat", text: "hello there", from: "Noor" }]);
    await node.say("<script>alert(1)</script>\u202e");
    await node.say("x".repeat(9_000));
    await node.say("another topic", "somebody.else");
    await node.say("last");
    const log = page.getByRole("log");
    await log.getByText("last").waitFor();
    expect(await log.locator(".message-text").allTextContents()).toEqual([
      "hello there",
      "<script>alert(1)</script>",
      `${"x".repeat(2_000)} …`,
      "last",
    ]);
    expect(await log.locator(".message-head span").allTextContents()).toEqual(["You", "<b>Node</b>", "<b>Node</b>", "<b>Node</b>"]);
    await page.getByRole("listitem").getByText("<b>Node</b>").waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      // Half way from one theme to the other no contrast is what it will be.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect.poll(() => findBarriers(page), { timeout: 15_000 }).toEqual([]); // a colour on its way is none
    }
    await page.context().close();
  });

  it.each([360, 1440])("breaks long words and names in the chat, in a window %i pixels wide", async (width) => {
    const roomName = `long-${width}`;
    const node = await stage().peer(roomName, { identity: "long", name: "Nebukadnezar".repeat(10) });
    const page = await stage().join(roomName, "Noor", { viewport: { width, height: 800 } });
    if (width < 1120) await page.getByRole("tab", { name: "Chat" }).click();
    await node.say("https://example.com/".repeat(90));
    const log = page.getByRole("log");
    await log.locator(".message").waitFor();
    expect(await log.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
