import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 20_000 };
const stage = withStudioStage();

describe("a visit to the studio", () => {
  it("puts the room into the address, so that what is copied, bookmarked or loaded anew leads there", async () => {
    const ann = await stage().peer("by hand", { identity: "ann", name: "Ann" });
    const others = () => ann.room.state.participants.map(({ name }) => name);
    const page = await stage().visit();
    await page.getByLabel("Your name").fill("Noor");
    await page.getByLabel("Room", { exact: true }).fill("by hand");
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("Listening only").waitFor();
    await expect.poll(others, patience).toEqual(["Noor"]);
    expect([...new URL(page.url()).searchParams]).toEqual([["room", "by hand"]]);
    const duplicate = await page.context().newPage();
    await duplicate.goto(page.url());
    await duplicate.getByRole("button", { name: "Listen only" }).click();
    await duplicate.getByText("Listening only").waitFor();
    // The same name, and another participant: neither puts the other out.
    await expect.poll(others, patience).toEqual(["Noor", "Noor"]);
    await duplicate.close();
    await expect.poll(others, patience).toEqual(["Noor"]);
    await page.reload();
    await expect.poll(others, patience).toEqual([]);
    await page.getByRole("heading", { name: "Come into by hand" }).waitFor();
    await page.context().close();
  });

  it("asks before a recording is lost with the page, and stays in the room where the person does", async () => {
    const ann = await stage().peer("tape", { identity: "ann", name: "Ann" });
    const page = await stage().join("tape", "Noor");
    const sid = () => ann.room.state.participants[0]?.sid;
    await expect.poll(sid, patience).toBeDefined();
    const joinedAs = sid();
    await page.getByRole("button", { name: "Record room" }).click();
    await page.getByRole("button", { name: /Stop recording/ }).waitFor();
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe("beforeunload");
    await dialog.dismiss();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: /Stop recording/ }).click();
    await downloading;
    await page.getByText("The recording is in your downloads.").waitFor();
    await page.getByText("You are on air").waitFor();
    expect(sid()).toBe(joinedAs);
    // Nothing is lost any more, and nothing is asked.
    await page.close({ runBeforeUnload: true });
    await expect.poll(sid, patience).toBeUndefined();
    await page.context().close();
  });

  it("waits for its own code on a slow line, says so, and takes it for no fault of the server's", async () => {
    const page = await stage().visit("?room=slow");
    let hasCome = () => {};
    const line = new Promise<void>((resolve) => {
      hasCome = resolve;
    });
    await page.route("**/assets/live-kit-client*", async (route) => {
      await line;
      await route.continue();
    });
    await page.getByRole("button", { name: "Listen only" }).dblclick();
    await page.getByText("Still at it: the line or the server is slow.").waitFor();
    // Longer than a server is waited for.
    await page.waitForTimeout(6_000);
    expect(await page.getByRole("main").getByRole("status").textContent()).toContain("Still at it");
    hasCome();
    await page.getByText("Listening only").waitFor();
    expect(await stage().moderator.listParticipants("slow")).toHaveLength(1);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
