import { releaseNatives } from "@roomtone/node-audio";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StudioStage } from "./support/studio-stage.ts";

describe("the studio's ends", () => {
  let stage: StudioStage;
  beforeAll(async () => {
    stage = await StudioStage.open();
  });
  afterAll(async () => {
    await stage?.close();
    await releaseNatives();
  });

  const ended = async (page: Page, title: string) => {
    const heading = page.getByRole("heading", { name: title });
    await heading.waitFor();
    // A screen reader begins where the screen does.
    expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
  };
  const identityIn = async (roomName: string) => (await stage.moderator.listParticipants(roomName))[0]?.identity ?? "";

  it("come back from leaving, and from being removed, with a sentence for each", async () => {
    const page = await stage.join("stay", "Noor");
    await page.getByRole("button", { name: "Leave" }).click();
    await ended(page, "left");
    await page.getByRole("button", { name: "Join again" }).click();
    await page.getByText("You are on air").waitFor();
    await stage.moderator.removeParticipant("stay", await identityIn("stay"));
    await ended(page, "removed");
    await page.getByRole("button", { name: "Ask to come in again" }).click();
    await page.getByText("You are on air").waitFor();
    await stage.moderator.deleteRoom("stay");
    await ended(page, "room closed");
    await page.getByRole("button", { name: "Back to the lobby" }).click();
    await page.getByRole("button", { name: "Join with microphone" }).waitFor();
    await page.context().close();
  });

  it("say that the same identity joined elsewhere", async () => {
    const page = await stage.visit("?room=twice&listen");
    await page.getByText("Listening only").waitFor();
    await stage.peer("twice", { identity: await identityIn("twice") });
    await ended(page, "joined elsewhere");
    await page.context().close();
  });

  it("say that a token has expired, and take another", async () => {
    const page = await stage.visit(`?url=${encodeURIComponent(stage.server.url)}`);
    const token = await stage.server.createToken({ roomName: "late", identity: "late", validForS: 1 });
    await page.getByLabel("Token").fill(token);
    await expect.poll(() => isOver(token)).toBe(true);
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("alert").getByText("The token expired").waitFor();
    await page.context().close();
  });
});

function isOver(token: string): boolean {
  const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
  return exp * 1000 < Date.now();
}
