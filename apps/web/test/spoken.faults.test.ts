import { describe, expect, it } from "vitest";
import { showState } from "./support/take-states.ts";
import { withBuiltPages } from "./support/with-built-pages.ts";

const patience = { timeout: 15_000 };

/** Chromium's accessibility tree from the top, a line for what is read. */
const outlines = {
  "lobby-microphone": `
- banner:
  - paragraph: Roomtone
  - 'button "Theme: system. Change to light"'
- main:
  - heading "Come into evening-session" [level=1]
  - paragraph: "Check your microphone, then walk in. Or only listen: that takes one click and no microphone."
  - text: Your name
  - textbox "Your name":
    - /placeholder: Guest
  - text: Room
  - textbox "Room":
    - /placeholder: roomtone
    - text: evening-session
  - group: I have a token for another LiveKit server
  - text: Come in muted
  - switch "Come in muted"
  - button "Join with microphone"
  - button "Listen only"
  - paragraph:
    - status: This browser remembers your name, room, microphone and theme. Tokens are never kept.
    - button "Forget"
  - region "Microphone check":
    - heading "Microphone check" [level=2]
    - text: Microphone
    - combobox "Microphone":
      - option "Fake Audio Input 1" [selected]
      - option "Fake Audio Input 2"
    - meter "Level of your microphone"
    - 'button "Test: three seconds"'
    - status`,
  "live-company": `
- banner:
  - paragraph: Roomtone
  - heading "evening-session" [level=1]
  - paragraph:
    - text: live
    - timer: 00:00
  - group "Record":
    - button "Record room"
    - button "Record me"
  - button "Invite"
  - 'button "Theme: system. Change to light"'
  - button "Leave"
- main:
  - region "You":
    - button "Mute"
    - status: You are on air
    - paragraph: Hold Space to talk while muted
    - meter "Level of your microphone"
    - text: Microphone
    - combobox "Microphone":
      - option "Fake Audio Input 1" [selected]
      - option "Fake Audio Input 2"
    - text: Speaker
    - combobox "Speaker":
      - option "Fake Audio Output 1" [selected]
      - option "Fake Audio Output 2"
  - tablist:
    - tab "People 4" [selected]
    - tab "Health"
  - tabpanel "People 4":
    - list "People in the room":
      - listitem:
        - text: Ada Okafor
        - paragraph: Speaking
        - img "Connection excellent"
        - meter "Level of Ada Okafor"
        - slider "Volume of Ada Okafor": "100"
      - listitem:
        - text: Ben Lindqvist
        - paragraph: Muted
        - img "Connection good"
        - meter "Level of Ben Lindqvist"
        - slider "Volume of Ben Lindqvist": "100"
      - listitem:
        - text: Mei Tanaka
        - paragraph: Listening
        - img "Connection excellent"
  - complementary "Chat":
    - heading "Chat" [level=2]
    - log "Messages":
      - paragraph:
        - text: Ada Okafor
        - time: 00:00
      - paragraph: Levels look good from here.
      - paragraph:
        - text: Ada Okafor
        - time: 00:00
      - paragraph: Could you come a little closer to the microphone? There is some room in your voice.
      - paragraph:
        - text: You
        - time: 00:00
      - paragraph: Better now?
    - text: Message to everybody
    - textbox "Message to everybody"
    - button "Send"`,
  "end-removed": `
- banner:
  - paragraph: Roomtone
  - 'button "Theme: system. Change to light"'
- main:
  - paragraph: evening-session
  - heading "removed" [level=1]
  - paragraph: A moderator removed you from the room. Your microphone is off.
  - paragraph: Ask them before you join again.
  - button "Join again"
  - button "Back to the lobby"`,
};

describe("the studio, as a screen reader tells it", () => {
  const openBuiltPage = withBuiltPages();
  const open = () => openBuiltPage("states", { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });

  it.each(Object.entries(outlines))("says who and what in order, once each: %s", async (state, outline) => {
    const page = await open();
    await showState(page, state);
    // Times go on, and the places of news to come are silent.
    const spoken = async () =>
      (await page.locator("body").ariaSnapshot()).replace(/\d\d:\d\d( [AP]M)?/g, "00:00").replace(/^ *- status\n/gm, "");
    await expect.poll(spoken, patience).toBe(outline.trim());
    await page.context().close();
  });

  it.each([
    { state: "live-company", told: ["You are on air"] },
    { state: "live-muted-by-moderator", told: ["A moderator muted you.", "You are muted"] },
    {
      state: "live-reconnecting",
      told: [
        "The connection to the room was lost. Coming back by itself as soon as the server answers; what was published is published again. Your mute stays as it is.",
        "Nobody hears you now",
      ],
    },
    {
      state: "live-device-lost",
      told: ["The microphone is gone Looking for it, or for another one. Connect it again, or choose another.", "Nobody hears you now"],
    },
    { state: "live-saved", told: ["The recording is in your downloads.", "You are on air"] },
    {
      state: "lobby-no-device",
      told: [
        "This browser remembers your name, room, microphone and theme. Tokens are never kept.",
        "There is no microphone Connect one, then try again. You can listen without.",
      ],
    },
  ])("tells each piece of news in one place: $state", async ({ state, told }) => {
    const page = await open();
    await showState(page, state);
    await expect.poll(() => page.evaluate(newsTold), patience).toEqual(told);
    await page.context().close();
  });

  it("has a place for news before there is any, since few screen readers tell what comes with its place", async () => {
    const page = await open();
    await showState(page, "live-company");
    const places = page.getByRole("main").getByRole("status");
    // Of notices, of one's own state, of what is wrong with the microphone, and of what became of it.
    expect(await places.count()).toBe(4);
    expect((await places.allTextContents()).filter((text) => text !== "")).toEqual(["You are on air"]);
    await page.context().close();
  });
});

/** The texts of the places that are told as they change. Runs in the page. */
function newsTold(): string[] {
  const text = (element: Element) =>
    [...element.querySelectorAll("p")].map((paragraph) => paragraph.textContent).join(" ") || element.textContent;
  return [...document.querySelectorAll("[role=alert], [role=status]")].map(text).filter((told) => told !== "");
}
