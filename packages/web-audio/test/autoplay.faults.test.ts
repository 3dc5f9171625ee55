import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BrowserStage, eventually } from "./browser-stage.js";

describe("a browser that plays nothing before a click", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open({ autoplay: "needs-click" });
  });
  afterAll(() => stage?.close());

  it("tells it once, and plays after one call from a click", async () => {
    const peer = await stage.peer("node", "autoplay");
    await peer.publish(1000, { name: "one" });
    await peer.publish(500, { name: "two" });
    const page = await stage.browser.newPage();
    const told: string[] = [];
    await page.route("**/told", (route) => {
      told.push(route.request().postData() ?? "");
      return route.fulfill({ status: 204 });
    });
    const credentials = { url: stage.server.url, token: await stage.token("page", "autoplay") };
    await page.route("**/credentials", (route) => route.fulfill({ json: credentials }));
    await page.goto(`${stage.pages.origin}/?run=autoplay`);
    await eventually(
      "both tracks are there, and blocked",
      () => told.filter((what) => what === "subscribed").length === 2 && told.includes("blocked"),
    );
    await page.getByRole("button").click();
    await eventually("the sound is let through", () => told.includes("resumed"));
    expect(told.filter((what) => what === "blocked")).toHaveLength(1);
    expect(told.at(-1)).toBe("resumed");
  });
});
