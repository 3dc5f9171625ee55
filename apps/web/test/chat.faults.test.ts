import { describe, expect, it } from "vitest";
import { hasFocus } from "./support/focus.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 20_000 };
const wide = { viewport: { width: 1300, height: 800 } };
const stage = withStudioStage();

describe("the studio's chat", () => {
  it("leaves a reader further up there through a burst of 500 messages, and leads to the newest", async () => {
    const node = await stage().peer("burst", { identity: "node", name: "Node" });
    const page = await stage().join("burst", "Noor", wide);
    const log = page.getByRole("log");
    const below = () => log.evaluate(({ scrollHeight, scrollTop, clientHeight }) => Math.round(scrollHeight - scrollTop - clientHeight));
    for (let index = 0; index < 40; index += 1) await node.say(`early ${index}`);
    await log.getByText("early 39").waitFor();
    expect(await below()).toBe(0);
    await log.evaluate((element) => element.scrollTo({ top: 100 }));
    await expect.poll(below).toBeGreaterThan(200);
    for (let index = 0; index < 500; index += 1) await node.say(`burst ${index}`);
    await log.getByText("burst 499").waitFor({ state: "attached" });
    expect(await log.evaluate(({ scrollTop }) => scrollTop)).toBe(100);
    await page.getByRole("button", { name: "New messages" }).click();
    await expect.poll(below).toBe(0);
    expect(await hasFocus(log)).toBe(true);
    await expect.poll(() => page.getByRole("button", { name: "New messages" }).count()).toBe(0);
    // Who writes sees it.
    await log.evaluate((element) => element.scrollTo({ top: 100 }));
    await expect.poll(below).toBeGreaterThan(200);
    await page.getByLabel("Message to everybody").fill("mine");
    await page.keyboard.press("Enter");
    await expect.poll(below, patience).toBe(0);
    await page.context().close();
  });

  it("keeps what was not sent in its field: what is too long, while the room is away, and behind another tab", async () => {
    const page = await stage().join("drafts", "Noor", { viewport: { width: 800, height: 800 } });
    const field = page.getByLabel("Message to everybody");
    const alert = page.locator(".message-form").getByRole("alert");
    await page.getByRole("tab", { name: "Chat" }).click();
    await field.fill("w".repeat(15_000));
    await field.press("Enter");
    await alert.getByText("A message holds 2000 characters, and this one has 15000").waitFor();
    expect((await field.inputValue()).length).toBe(15_000);
    await field.fill("  half a thought");
    await page.getByRole("tab", { name: "Health" }).click();
    await page.getByRole("tab", { name: "Chat" }).click();
    expect(await field.inputValue()).toBe("  half a thought");
    await stage().server.kill();
    await page.getByText("Nobody hears you now").waitFor();
    await field.press("Enter");
    await alert.getByText("Send again when it is back").waitFor();
    expect(await field.inputValue()).toBe("  half a thought");
    await stage().server.start();
    await page.getByText("You are on air").waitFor();
    await field.press("Enter");
    await page.getByRole("log").getByText("half a thought").waitFor();
    expect(await field.inputValue()).toBe("");
    expect(await alert.count()).toBe(0);
    await page.context().close();
  });

  it("sends once what is sent twice in a hurry", async () => {
    const node = await stage().peer("hurry", { identity: "node", name: "Node" });
    const page = await stage().join("hurry", "Noor", wide);
    await page.getByLabel("Message to everybody").fill("only once");
    await page.getByRole("button", { name: "Send" }).dblclick();
    await page.getByLabel("Message to everybody").fill("and then this");
    await page.keyboard.press("Enter");
    await expect.poll(() => node.messages.map(({ text }) => text), patience).toEqual(["only once", "and then this"]);
    await page.context().close();
  });

  it("names who writes at once on coming in, before the server has told of them", async () => {
    const page = await stage().join("quick", "Noor", wide);
    const log = page.getByRole("log");
    for (const name of ["Ann", "Ben", "Cem"]) {
      const peer = await stage().peer("quick", { identity: name.toLowerCase(), name });
      await peer.say(`I am ${name}`);
    }
    await expect.poll(() => log.locator(".message-from").allTextContents(), patience).toEqual(["Ann", "Ben", "Cem"]);
    await page.context().close();
  });

  it("keeps what scripts and emoji are joined with, and lays a line out in its own direction", async () => {
    const node = await stage().peer("scripts", { identity: "node", name: "Node" });
    const page = await stage().join("scripts", "Noor", wide);
    const lines = ["می\u200cخواهم!", "👩\u200d👩\u200d👧", "two\nlines"];
    for (const line of lines) await node.say(line);
    const texts = page.getByRole("log").locator(".message-text");
    await expect.poll(() => texts.allTextContents(), patience).toEqual(lines);
    const startsAt = (index: number) =>
      texts.nth(index).evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const [text, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
        return box.right - text.right < text.left - box.left ? "right" : "left";
      });
    expect([await startsAt(0), await startsAt(2)]).toEqual(["right", "left"]);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
