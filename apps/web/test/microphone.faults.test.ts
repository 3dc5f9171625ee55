import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

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

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
