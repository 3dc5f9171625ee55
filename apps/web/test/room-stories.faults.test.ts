import { labelsOf, labelsOfStory } from "@roomtone/testing";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();

describe("the studio in a live room shows what the table of testing says", () => {
  const join = async (roomName: string, muted = false) => {
    const page = await stage().visit(`?room=${roomName}&listen`);
    // After a stay, the part of the page that shows a room is there before the next one begins, so that its first state is seen, too.
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Back to the lobby" }).click();
    await page.evaluate(watchLabels);
    if (muted) await page.getByRole("switch", { name: "Come in muted" }).click();
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await shows(page, muted ? "muted" : "live");
    return page;
  };
  const shows = (page: Page, label: string) =>
    expect.poll(() => page.evaluate(() => window.labelsShown.at(-1)), { timeout: 20_000 }).toBe(label);
  const goesAs = async (page: Page, story: string) => {
    const seen = await page.evaluate(() => window.labelsShown.map((label) => ({ label })));
    expect(labelsOf(seen)).toEqual(labelsOfStory(story));
    await page.context().close();
  };
  const identityIn = async (roomName: string) => (await stage().moderator.listParticipants(roomName))[0]?.identity ?? "";

  it("publishing, muted, unmuted and left while somebody comes and goes", async () => {
    const page = await join("voices");
    const people = page.getByRole("tab", { name: /^People/ });
    const peer = await stage().peer("voices", { identity: "ada", name: "Ada" });
    await page.getByRole("listitem").getByText("Ada").waitFor();
    expect(await people.textContent()).toBe("People 2");
    await page.getByRole("button", { name: "Mute" }).click();
    await shows(page, "muted");
    await page.getByRole("button", { name: "Unmute" }).click();
    await shows(page, "live");
    await peer.leave();
    await expect.poll(() => people.textContent(), { timeout: 20_000 }).toBe("People 1");
    await page.getByRole("button", { name: "Leave" }).click();
    await shows(page, "left");
    await goesAs(page, "publishes, mutes, unmutes and leaves while somebody comes and goes");
  });

  it("through a restart of the server while muted", async () => {
    const page = await join("restart", true);
    await stage().server.kill();
    await shows(page, "reconnecting");
    await stage().server.start();
    await shows(page, "muted");
    await page.getByRole("button", { name: "Leave" }).click();
    await shows(page, "left");
    await goesAs(page, "is muted when it comes back with another connection");
  });

  it("removed, closed with the room, and joined elsewhere", async () => {
    const [removed, closed, elsewhere] = [await join("removed"), await join("closed"), await join("elsewhere")];
    await stage().moderator.removeParticipant("removed", await identityIn("removed"));
    await stage().moderator.deleteRoom("closed");
    await stage().peer("elsewhere", { identity: await identityIn("elsewhere") });
    await shows(removed, "removed");
    await shows(closed, "room closed");
    await shows(elsewhere, "joined elsewhere");
    await goesAs(removed, "is removed by a moderator");
    await goesAs(closed, "ends with its room");
    await goesAs(elsewhere, "is joined elsewhere");
  });
});

/** Notes each label where the person reads it: beside the lamp, and as the heading of an end. Runs in the page. */
function watchLabels(): void {
  const shown: string[] = [];
  const note = () => {
    const label = (document.querySelector(".lamp-words") ?? document.querySelector(".ending-next")?.parentElement?.querySelector("h1"))
      ?.textContent;
    if (label && label !== shown.at(-1)) shown.push(label);
  };
  new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true });
  window.labelsShown = shown;
}

declare global {
  interface Window {
    labelsShown: string[];
  }
}
