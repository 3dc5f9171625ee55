import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();

describe("the studio's takes", () => {
  it("plays three seconds of the microphone back before anybody hears it", async () => {
    const page = await stage().visit("?room=test");
    const test = page.getByRole("button", { name: "Test: three seconds" });
    const turnOn = page.getByRole("button", { name: "Turn on the microphone" });
    await turnOn.or(test).waitFor();
    // A browser that has allowed the microphone before is not asked again.
    if (await turnOn.isVisible()) await turnOn.click({ timeout: 2_000 }).catch(() => {});
    await test.click();
    await page.getByText("recording three seconds").waitFor();
    await page.getByText("Playing it back").waitFor();
    await expect.poll(() => page.evaluate(() => window.players.at(-1)?.duration)).toBeGreaterThan(2);
    await page.getByText("That was you.").waitFor();
    await page.context().close();
  });

  it("keeps what was recorded of the room, also when the room is left meanwhile", async () => {
    await stage().peer("tape", { identity: "ann", name: "Ann", toneHz: 700 });
    const page = await stage().join("tape", "Noor");
    await page.getByRole("meter", { name: "Level of Ann" }).waitFor();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Record room" }).click();
    await page
      .getByRole("button", { name: /Stop recording/ })
      .getByText("00:02")
      .waitFor();
    await page.getByRole("button", { name: "Leave" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^tape-.*\.webm$/);
    const content = await readFile(await download.path());
    // What every WebM file begins with.
    expect(content.subarray(0, 4).toString("hex")).toBe("1a45dfa3");
    expect(content.length).toBeGreaterThan(5_000);
    await page.context().close();
  });

  it("says what an insecure origin means, and lets one listen", async () => {
    const page = await stage().visitPlainly();
    await page.getByRole("button", { name: "Turn on the microphone" }).click();
    await page.getByText("This page may not use a microphone").waitFor();
    await page.getByText("open this one over https, or from localhost").waitFor();
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("Listening only").waitFor();
    await page.context().close();
  });

  it("cancels a join, and says so where the server does not answer", async () => {
    const page = await stage().visit("?room=away");
    await page.getByRole("button", { name: "Listen only" }).waitFor();
    await stage().server.kill();
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("heading", { name: "The server does not answer" }).waitFor();
    await stage().server.start();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Listening only").waitFor();
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
