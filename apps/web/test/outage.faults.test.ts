import { readFile } from "node:fs/promises";
import { releaseNatives } from "@roomtone/node-audio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StudioStage } from "./support/studio-stage.ts";

const patience = { timeout: 30_000 };

describe("the studio, when things go wrong", () => {
  let stage: StudioStage;
  beforeAll(async () => {
    stage = await StudioStage.open();
  });
  afterAll(async () => {
    await stage?.close();
    await releaseNatives();
  });

  it.each([true, false])("comes back by itself when the server does, and muted: %s as it was", async (muted) => {
    const page = await stage.join("outage", "Noor");
    const state = page.getByRole("region", { name: "You" }).getByRole("status").first();
    if (muted) await page.getByRole("button", { name: "Mute" }).click();
    const before = muted ? "You are muted" : "You are on air";
    await expect.poll(() => state.textContent()).toBe(before);
    await stage.server.kill();
    await page.getByRole("alert").getByText("The connection is down").waitFor();
    await page.getByText("Coming back").waitFor();
    const startedMs = performance.now();
    await stage.server.start();
    const node = await stage.peer("outage", { identity: `node-${muted}` });
    await page.getByText("Back after").waitFor();
    console.info(`back ${Math.round(performance.now() - startedMs)} ms after the server was started`);
    expect(await state.textContent()).toBe(before);
    await expect.poll(() => node.room.state.participants.find(({ name }) => name === "Noor")?.tracks[0]?.muted, patience).toBe(muted);
    if (!muted) await expect.poll(() => Math.abs(node.hear("Noor").frequencyHz - 440), patience).toBeLessThan(15);
    await node.leave();
    await page.context().close();
  });

  it("says that the server does not answer, and joins when it does", async () => {
    const page = await stage.visit("?room=away");
    await page.getByRole("button", { name: "Listen only" }).waitFor();
    await stage.server.kill();
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("heading", { name: "The server does not answer" }).waitFor(patience);
    await stage.server.start();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Listening only").waitFor();
    await page.context().close();
  });

  it("says what an insecure origin means, and that one can listen", async () => {
    const page = await stage.visitPlainly();
    await page.getByRole("button", { name: "Turn on the microphone" }).click();
    await page.getByText("This page may not use a microphone").waitFor();
    await page.getByText("open this one over https, or from localhost").waitFor();
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("Listening only").waitFor();
    await page.context().close();
  });

  it("plays three seconds of the microphone back before anybody hears it", async () => {
    const page = await stage.visit("?room=test");
    const test = page.getByRole("button", { name: "Test: three seconds" });
    const turnOn = page.getByRole("button", { name: "Turn on the microphone" });
    await turnOn.or(test).waitFor();
    if (!(await test.isVisible())) await turnOn.click();
    await test.click();
    await page.getByText("recording three seconds").waitFor();
    await page.getByText("Playing it back").waitFor();
    const durationS = await page.evaluate(() => window.players.at(-1)?.duration);
    expect(durationS).toBeGreaterThan(2);
    await page.getByText("That was you.").waitFor();
    await page.context().close();
  });

  it("records the room into a file, also when it is left meanwhile", async () => {
    await stage.peer("tape", { identity: "ann", name: "Ann", toneHz: 700 });
    const page = await stage.join("tape", "Noor");
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
    expect(content.subarray(0, 4).toString("hex")).toBe("1a45dfa3");
    expect(content.length).toBeGreaterThan(5_000);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage.findings).toEqual({ console: [], policyViolations: [] });
  });
});
