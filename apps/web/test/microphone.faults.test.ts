import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

const patience = { timeout: 20_000 };
const stage = withStudioStage();

describe("the studio, without a microphone", () => {
  it.each([
    { microphone: "denied", title: "The microphone is not allowed", hostAlias: undefined },
    { microphone: "none", title: "There is no microphone", hostAlias: undefined },
  ] as const)("says what to do where the microphone is $microphone, and lets one listen", async ({ microphone, title }) => {
    const page = await stage().visit("?room=quiet", {}, { microphone });
    await page.getByRole("button", { name: "Turn on the microphone" }).click();
    await page.getByRole("status").getByText(title).waitFor();
    await page.getByRole("button", { name: "Try the microphone again" }).waitFor();
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("Listening only").waitFor();
    await page.getByRole("button", { name: "Join with the microphone" }).waitFor();
    await page.getByText(title).waitFor();
    await page.context().close();
  });

  it("says that the microphone was forbidden meanwhile, stays to listen, and speaks again when it is allowed", async () => {
    const ann = await stage().peer("forbidden", { identity: "ann", name: "Ann" });
    const tracks = () => ann.room.state.participants[0]?.tracks.length;
    // Without an answer by itself to the browser's question.
    const page = await stage().visit("?room=forbidden", { permissions: ["microphone"] }, { microphone: "denied" });
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("You are on air").waitFor();
    await expect.poll(tracks, patience).toBe(1);
    await page.context().clearPermissions();
    await page.getByRole("alert").getByText("You are not heard").waitFor();
    await page.getByText("Listening only").waitFor();
    await page.getByText("The microphone is not allowed").waitFor();
    await expect.poll(tracks, patience).toBe(0);
    await page.context().grantPermissions(["microphone"]);
    await page.getByRole("button", { name: "Join with the microphone" }).click();
    await page.getByText("You are muted").waitFor();
    await expect.poll(tracks, patience).toBe(1);
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.context().close();
  });

  it("leaves the microphone alone when one only listens, and when the question is answered too late", async () => {
    const page = await stage().visit("about:blank");
    await page.addInitScript(() => {
      const devices = navigator.mediaDevices;
      const open = devices.getUserMedia.bind(devices);
      const answers: (() => void)[] = [];
      const opened: MediaStreamTrack[] = [];
      // Nothing is allowed before somebody answers.
      devices.enumerateDevices = async () => [];
      devices.getUserMedia = async (constraints) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        const stream = await open(constraints);
        opened.push(...stream.getTracks());
        return stream;
      };
      Object.assign(window, { answers, opened });
    });
    const answer = () =>
      page.evaluate(() => {
        for (const allow of window.answers.splice(0)) allow();
      });
    const opened = () => page.evaluate(() => window.opened.map(({ readyState }) => readyState));
    await page.goto(`${stage().server.pageUrl}?room=late`);
    await page.getByRole("button", { name: "Turn on the microphone" }).click();
    await page.getByRole("button", { name: "Waiting for the browser…" }).waitFor();
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("button", { name: "Join with the microphone" }).waitFor();
    await answer();
    await expect.poll(opened, patience).toEqual(["ended"]);
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Back to the lobby" }).click();
    // The question is left open, and then a new one is asked.
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("The browser asks whether").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Waiting for the browser…" }).waitFor();
    await answer();
    await page.getByRole("meter", { name: "Level of your microphone" }).waitFor();
    await expect.poll(opened, patience).toEqual(["ended", "live"]);
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("Listening only").waitFor();
    await expect.poll(opened, patience).toEqual(["ended", "ended"]);
    await page.context().close();
  });

  it("says in the lobby that no sound comes from one that gives none, and calls one without a name", async () => {
    const page = await stage().visit("about:blank");
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = async () => {
        const { stream } = new AudioContext().createMediaStreamDestination();
        for (const track of stream.getTracks()) Object.defineProperty(track, "label", { value: "" });
        return stream;
      };
      navigator.mediaDevices.enumerateDevices = async () =>
        [{ deviceId: "one", kind: "audioinput", groupId: "", label: "" }].map((device) => device as MediaDeviceInfo);
    });
    await page.goto(`${stage().server.pageUrl}?room=silence`);
    await page.getByRole("button", { name: "Turn on the microphone" }).click();
    await page.getByRole("status").getByText("No sound comes from this microphone.").waitFor();
    expect(await page.getByLabel("Microphone", { exact: true }).locator("option").allTextContents()).toEqual(["Microphone 1"]);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});

declare global {
  interface Window {
    answers: (() => void)[];
    opened: MediaStreamTrack[];
  }
}
