import { describe, expect, it } from "vitest";
import { hasFocus, pressTabUntilOn } from "./support/focus.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 20_000 };

describe("the studio, by keyboard alone", () => {
  const stage = withStudioStage();

  it("goes from the lobby into the room and out again, and the focus is never on nothing", async () => {
    const page = await stage().visit("?room=keys", { viewport: { width: 1440, height: 900 } });
    const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true });
    const heading = page.getByRole("heading", { level: 1 });
    const device = page.getByLabel("Microphone", { exact: true });
    await device.waitFor(); // allowed in this browser, so that it opens by itself
    await pressTabUntilOn(page, button("Test: three seconds"));
    await page.keyboard.press("Enter");
    await page.getByText("Playing it back").waitFor();
    expect(await hasFocus(button("Playing…").or(button("Test: three seconds")))).toBe(true);

    await pressTabUntilOn(page, page.getByLabel("Your name"));
    await page.keyboard.type("Noor");
    await page.keyboard.press("Enter");
    await page.getByText("You are on air").waitFor();
    expect(await heading.textContent()).toBe("keys");
    expect(await hasFocus(heading)).toBe(true);

    await pressTabUntilOn(page, button("Record room"));
    await page.keyboard.press("Enter");
    await expect.poll(() => hasFocus(button(/^Stop recording/)), patience).toBe(true);
    await page.keyboard.press("Enter");
    await expect.poll(() => hasFocus(button("Record room")), patience).toBe(true);
    await pressTabUntilOn(page, button("Mute"));
    await page.keyboard.press("Enter");
    await page.getByText("You are muted").waitFor();
    expect(await hasFocus(button("Unmute"))).toBe(true);
    await pressTabUntilOn(page, page.getByRole("tab", { name: /^People/ }));
    await page.keyboard.press("ArrowRight");
    expect(await hasFocus(page.getByRole("tab", { name: "Health" }))).toBe(true);
    await pressTabUntilOn(page, button("Leave"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "left" }).waitFor();
    expect(await hasFocus(heading)).toBe(true);
    await pressTabUntilOn(page, button("Back to the lobby"));
    await page.keyboard.press("Enter");
    await button("Join with microphone").waitFor();
    expect(await hasFocus(heading)).toBe(true);
    await page.context().close();
  });

  it("moves the focus to the key when a listener joins with the microphone", async () => {
    const page = await stage().visit("?room=later&listen");
    const join = page.getByRole("button", { name: "Join with the microphone" });
    await join.waitFor();
    await expect.poll(() => hasFocus(page.getByRole("heading", { level: 1 }))).toBe(true);
    await pressTabUntilOn(page, join);
    await page.keyboard.press("Enter");
    await expect.poll(() => hasFocus(page.getByRole("button", { name: "Unmute" })), patience).toBe(true);
    await page.context().close();
  });

  it("sends a server's address, and not the form around it, with the Enter key; and toggles a switch by its words", async () => {
    const page = await stage().visit("?room=hall");
    await page.getByText("I have a token for another LiveKit server").click();
    const address = page.getByLabel("LiveKit URL");
    await address.fill("live.example.com");
    await address.press("Enter");
    await page.getByRole("alert").getByText("begins with wss://").waitFor();
    await page.getByText("Come in muted").click();
    expect(await page.getByRole("switch", { name: "Come in muted" }).getAttribute("aria-checked")).toBe("true");
    await address.fill(stage().server.url);
    await address.press("Enter");
    await page.getByLabel("Token").waitFor();
    expect(new URL(page.url()).searchParams.get("url")).toBe(stage().server.url);
    await page.context().close();
  });

  it("talks while the space bar is held, also on a button that was clicked, and is never left on air", async () => {
    const page = await stage().join("space", "Noor", { viewport: { width: 1300, height: 800 } });
    const state = () => page.locator(".channel-state").textContent();
    const is = (wanted: string) => expect.poll(state, patience).toBe(wanted);
    const theme = page.getByRole("button", { name: /^Theme/ });
    const space = { down: () => page.keyboard.down("Space"), up: () => page.keyboard.up("Space") };
    await page.getByRole("button", { name: "Mute" }).click();
    await is("You are muted");
    // A click leaves the focus behind, and asks for no keys.
    for (const clicked of [theme, page.getByRole("tab", { name: "Health" })]) {
      await clicked.click();
      await space.down();
      await is("Talking while held");
      await space.down(); // as a key repeats
      await space.up();
      await is("You are muted");
    }
    expect(await theme.getAttribute("title")).toBe("Theme: light");
    // By keyboard it is the button's.
    await pressTabUntilOn(page, theme);
    await page.keyboard.press("Space");
    await expect.poll(() => theme.getAttribute("title")).toBe("Theme: dark");
    expect(await state()).toBe("You are muted");

    const leaveWindow = () => page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await page.getByRole("heading", { level: 1 }).focus();
    await space.down();
    await is("Talking while held");
    await leaveWindow();
    await is("You are muted");
    await space.up();
    await space.down();
    await is("Talking while held");
    await page.getByLabel("Message to everybody").click();
    await space.up();
    await is("You are muted");
    expect(await page.getByLabel("Message to everybody").inputValue()).toBe("");

    await page.getByRole("button", { name: "Unmute" }).hover();
    await page.mouse.down();
    await is("Talking while held");
    await leaveWindow();
    await is("You are muted");
    await page.mouse.up();
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByRole("dialog").waitFor();
    await space.down();
    await space.up();
    await page.keyboard.press("Escape");
    expect(await state()).toBe("You are muted");
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
