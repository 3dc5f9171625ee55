import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { StudioStage } from "./support/studio-stage.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();

describe("the studio's ends", () => {
  const ended = async (page: Page, title: string, sentence: string, next: string, again: string) => {
    const heading = page.getByRole("heading", { level: 1, name: title, exact: true });
    await heading.waitFor();
    // A screen reader begins where the screen does.
    expect(await heading.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.getByRole("main").getByRole("paragraph").allTextContents()).toEqual(expect.arrayContaining([sentence, next]));
    expect(await page.getByRole("main").getByRole("button").allTextContents()).toEqual([again, "Back to the lobby"]);
  };
  const identityIn = async (roomName: string) => (await stage().moderator.listParticipants(roomName))[0]?.identity ?? "";

  it("come back from leaving, and from being removed, with a sentence for each", async () => {
    const page = await stage().join("stay", "Noor");
    await page.getByRole("button", { name: "Leave" }).click();
    await ended(
      page,
      "left",
      "You left the room. Your microphone is off.",
      "The room goes on without you; you can come back as you were.",
      "Join again",
    );
    await page.getByRole("button", { name: "Join again" }).click();
    await page.getByText("You are on air").waitFor();
    await stage().moderator.removeParticipant("stay", await identityIn("stay"));
    await ended(
      page,
      "removed",
      "A moderator removed you from the room. Your microphone is off.",
      "Ask them before you join again.",
      "Join again",
    );
    await page.getByRole("button", { name: "Join again" }).click();
    await page.getByText("You are on air").waitFor();
    await stage().moderator.deleteRoom("stay");
    await ended(
      page,
      "room closed",
      "The room was closed for everybody. Your microphone is off.",
      "Join another room, or open this one again.",
      "Open it again",
    );
    await page.getByRole("button", { name: "Back to the lobby" }).click();
    await page.getByRole("button", { name: "Join with microphone" }).waitFor();
    await page.context().close();
  });

  it("say that the same identity joined elsewhere", async () => {
    const page = await stage().visit("?room=twice&listen");
    await page.getByText("Listening only").waitFor();
    await stage().peer("twice", { identity: await identityIn("twice") });
    await ended(
      page,
      "joined elsewhere",
      "Somebody joined with the same identity, and the room keeps the newest. Your microphone is off.",
      "Go on in the other window; or join again here, and the other one leaves.",
      "Use this window",
    );
    await page.context().close();
  });

  it("say that a token has expired, and take another", async () => {
    const page = await stage().visit(`?url=${encodeURIComponent(stage().server.url)}`);
    const token = await stage().server.createToken({ roomName: "late", identity: "late", validForS: 1 });
    await page.getByLabel("Token").fill(token);
    await expect.poll(() => isOver(token)).toBe(true);
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("alert").getByText("The token expired").waitFor();
    await page.context().close();
  });

  it("say that the room may be full, which browsers do not tell from blocked sockets, and let one in when somebody has left", async () => {
    await stage().moderator.createRoom({ name: "small", maxParticipants: 1 });
    const first = await stage().peer("small", { identity: "first" });
    const page = await stage().visit("?room=small");
    await page.getByRole("button", { name: "Listen only" }).click();
    await ended(
      page,
      "Turned away",
      "The room takes nobody more; or something on the way, such as a proxy or an extension, blocks WebSockets.",
      "Try again later, or from another network.",
      "Try again",
    );
    await first.leave();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Listening only").waitFor();
    await page.context().close();
  });

  it("say that the server refuses a room whose name is too long for it", async () => {
    const page = await stage().visit(`?url=${encodeURIComponent(stage().server.url)}`);
    await page.getByLabel("Token").fill(await stage().server.createToken({ roomName: "w".repeat(300), identity: "long" }));
    await page.getByRole("button", { name: "Listen only" }).click();
    await ended(page, "refused", "The server does not let us in.", "Ask whoever runs it, or join another room.", "Try again");
    await page.context().close();
  });

  it("say that a server takes nobody into a room that it does not know", async () => {
    const strict = await StudioStage.open({ serverPath: await stage().strictServer() });
    try {
      const page = await strict.visit("?room=unknown");
      await page.getByRole("button", { name: "Listen only" }).click();
      await ended(page, "refused", "The server does not let us in.", "Ask whoever runs it, or join another room.", "Try again");
      await strict.moderator.createRoom({ name: "unknown" });
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("Listening only").waitFor();
    } finally {
      await strict.close();
    }
  });

  it("say that a token has expired which this machine's clock takes for good", async () => {
    // Older than the minute that servers forgive.
    const hourAgoMs = Date.now() - 3_600_000;
    vi.useFakeTimers({ now: hourAgoMs, toFake: ["Date"] });
    const making = stage().server.createToken({ roomName: "clock", identity: "clock", validForS: 600 });
    vi.useRealTimers();
    const token = await making;
    const page = await stage().visit("about:blank");
    await page.clock.setSystemTime(hourAgoMs);
    await page.goto(`${stage().server.pageUrl}?url=${encodeURIComponent(stage().server.url)}`);
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Listen only" }).click();
    await ended(page, "token expired", "The token's time is over.", "Get a new one, and join again.", "Use another token");
    await page.getByRole("button", { name: "Use another token" }).click();
    await page.clock.setSystemTime(Date.now());
    await page.getByLabel("Token").fill(await stage().server.createToken({ roomName: "clock", identity: "clock" }));
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("Listening only").waitFor();
    await page.context().close();
  });

  it("say that the server is gone when it has not come back in five minutes, and come back when it has", async () => {
    const page = await stage().visit("about:blank");
    await page.clock.install();
    await page.goto(`${stage().server.pageUrl}?room=gone`);
    await page.getByLabel("Your name").fill("Noor");
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("You are on air").waitFor();
    await stage().server.kill();
    await page.getByText("Nobody hears you now").waitFor();
    const gone = page.getByRole("heading", { level: 1, name: "server gone" });
    const stepsOf5S = async () => {
      await page.clock.fastForward(5_000);
      return gone.isVisible();
    };
    await expect.poll(stepsOf5S, { timeout: 60_000, interval: 50 }).toBe(true);
    await ended(
      page,
      "server gone",
      "The server does not answer any more. Your microphone is off.",
      "Check that it runs, and join again.",
      "Try again",
    );
    await stage().server.start();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("You are on air").waitFor();
    await page.context().close();
  });

  it("keep their policy, and their scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});

function isOver(token: string): boolean {
  const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
  return exp * 1000 < Date.now();
}
