import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();

describe("the studio's key", () => {
  it("is on air only while it is heard: not while its microphone is gone, nor once it is taken away for good", async () => {
    const node = await stage().peer("taken", { identity: "node", name: "Node" });
    const page = await stage().visit("about:blank");
    await page.addInitScript(keepMicrophones);
    await page.goto(`${stage().server.pageUrl}?room=taken`);
    await page.getByRole("button", { name: "Join with microphone" }).click();
    const talking = page.getByRole("region", { name: "You" }).getByRole("status").first();
    const says = (words: string) => expect.poll(() => talking.textContent(), { timeout: 20_000 }).toBe(words);
    await says("You are on air");

    await page.evaluate(() => window.takeMicrophone("NotFoundError"));
    await says("Nobody hears you now");
    await page.getByRole("alert").getByText("The microphone is gone").waitFor();
    await page.evaluate(() => window.takeMicrophone(undefined));
    await says("You are on air");

    await page.evaluate(() => window.takeMicrophone("NotAllowedError"));
    await page.getByText("Listening only").waitFor();
    await page.getByRole("region", { name: "You" }).getByText("allow it in the site settings").waitFor();
    await expect.poll(() => node.room.state.participants[0]?.tracks, { timeout: 20_000 }).toEqual([]);
    await page.evaluate(() => window.takeMicrophone(undefined));
    await page.getByRole("button", { name: "Join with the microphone" }).click();
    await says("You are muted");
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});

/** Lets a test take the microphone away, as a cable and a person's settings do, and give it back. Runs in the page, before its scripts. */
function keepMicrophones(): void {
  const { mediaDevices } = navigator;
  let refusal: string | undefined;
  let track: MediaStreamTrack | undefined;
  const native = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    if (refusal) throw new DOMException("", refusal);
    const stream = await native(constraints);
    [track] = stream.getAudioTracks();
    return stream;
  };
  window.takeMicrophone = (name) => {
    refusal = name;
    if (name) track?.dispatchEvent(new Event("ended"));
    else mediaDevices.dispatchEvent(new Event("devicechange"));
  };
}

declare global {
  interface Window {
    /** With what the browser answers from now on; undefined gives it back. */
    takeMicrophone(name: string | undefined): void;
  }
}
