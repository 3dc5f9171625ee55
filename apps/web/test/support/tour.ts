import type { Page } from "playwright-core";
import type { StudioStage } from "./studio-stage.ts";

export const widths = [360, 1440] as const;
export const themes = ["light", "dark"] as const;
export type ScreenName = "lobby" | "token" | "live" | "invite" | "chat" | "listening" | "health" | "ended";

/** Called with each screen when it stands still. */
export type Visit = (screen: ScreenName, page: Page) => Promise<void>;

export interface TourOptions {
  readonly width: number;
  /** Default: a phone's, or a desk's. */
  readonly height?: number;
  readonly theme: "light" | "dark";
}

/** The people in the room on the tour. */
export async function fillRoom(stage: StudioStage, roomName: string): Promise<{ say(): Promise<void> }> {
  const ada = await stage.peer(roomName, { identity: "ada", name: "Ada Okafor", toneHz: 330 });
  await stage.peer(roomName, { identity: "ben", name: "Ben Lindqvist", toneHz: 220, muted: true });
  await stage.peer(roomName, { identity: "mei", name: "Mei Tanaka" });
  return {
    say: async () => {
      await ada.say("Levels look good from here.");
      await ada.say("Could you come a little closer to the microphone? There is some room in your voice.");
    },
  };
}

/** Goes through every screen as a person would. */
export async function tour(stage: StudioStage, roomName: string, { width, height, theme }: TourOptions, visit: Visit): Promise<void> {
  const viewport = { width, height: height ?? (width < 600 ? 780 : 900) };
  const device = width < 600 ? { viewport, isMobile: true, hasTouch: true } : { viewport };
  const context = { ...device, colorScheme: theme, reducedMotion: "reduce" } as const;
  const people = await fillRoom(stage, roomName);
  const page = await stage.visit(`?room=${roomName}`, context);
  await page.getByLabel("Your name").fill("Noor");
  const meter = page.getByRole("meter", { name: "Level of your microphone" });
  const turnOn = page.getByRole("button", { name: "Turn on the microphone" });
  await turnOn.or(meter).waitFor();
  // Where the microphone was allowed before, the page opens it by itself, and the button goes.
  await turnOn.click({ timeout: 2_000 }).catch(() => {});
  await meter.waitFor();
  await visit("lobby", page);

  await page.getByRole("button", { name: "Join with microphone" }).click();
  await page.getByRole("button", { name: "Mute" }).waitFor();
  await page.getByRole("meter", { name: "Level of Ada Okafor" }).waitFor();
  await page.getByText("Muted", { exact: true }).waitFor();
  await people.say();
  await page.getByText("You are on air").waitFor();
  await visit("live", page);
  await page.getByRole("button", { name: "Invite" }).click();
  await page.getByRole("img", { name: "The invitation as a QR code" }).waitFor();
  await visit("invite", page);
  await page.getByRole("button", { name: "Close" }).click();
  const chatTab = page.getByRole("tab", { name: /Chat/ });
  if (await chatTab.isVisible()) {
    await chatTab.click();
    await page.getByText("Levels look good from here.").waitFor();
    await visit("chat", page);
  }
  await page.getByRole("tab", { name: "Health" }).click();
  await page.locator(".chart canvas").nth(3).waitFor();
  await visit("health", page);
  await page.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("heading", { name: "left" }).waitFor();
  await visit("ended", page);
  await page.context().close();

  const listener = await stage.visit(`?room=${roomName}&listen`, context);
  await listener.getByText("Listening only").waitFor();
  await listener.getByRole("meter", { name: "Level of Ada Okafor" }).waitFor();
  await visit("listening", listener);
  await listener.context().close();

  const stranger = await stage.visit(`?room=${roomName}&url=${encodeURIComponent("wss://live.example.com")}`, context);
  await stranger.getByLabel("Token").fill("not a token");
  await stranger.getByRole("button", { name: "Listen only" }).click();
  await stranger.getByRole("alert").waitFor();
  await visit("token", stranger);
  await stranger.context().close();
}
