import { describe, expect, it } from "vitest";
import { withStudioStage } from "./support/with-studio-stage.ts";

const stage = withStudioStage();

describe("the studio in a browser that lacks something", () => {
  const visitWithout = async (roomName: string, takeAway: () => void) => {
    const page = await stage().visit("about:blank");
    await page.addInitScript(takeAway);
    await page.goto(`${stage().server.pageUrl}?room=${roomName}`);
    return page;
  };

  it.each([
    {
      lack: "storage",
      takeAway: () =>
        Object.defineProperty(window, "localStorage", {
          get() {
            throw new DOMException("blocked", "SecurityError");
          },
        }),
    },
    {
      lack: "room in its storage",
      takeAway: () => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      },
    },
    { lack: "audio graphs", takeAway: () => Reflect.deleteProperty(window, "AudioContext") },
    { lack: "worklets", takeAway: () => Reflect.deleteProperty(window, "AudioWorkletNode") },
    { lack: "notifications and workers", takeAway: () => ["Notification", "Worker"].map((name) => Reflect.deleteProperty(window, name)) },
  ])("is on air without $lack", async ({ takeAway }) => {
    const page = await visitWithout("bare", takeAway);
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("You are on air").waitFor();
    await page.context().close();
  });

  it("listens without media devices, and says why there is no microphone", async () => {
    const page = await visitWithout("bare", () => Object.defineProperty(Navigator.prototype, "mediaDevices", { get: () => undefined }));
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("Listening only").waitFor();
    await page.getByText("This browser offers no microphone to pages: use a current browser.").waitFor();
    await page.context().close();
  });

  it("says that there is no WebRTC", async () => {
    const page = await visitWithout("bare", () =>
      ["RTCPeerConnection", "webkitRTCPeerConnection"].map((name) => Reflect.deleteProperty(window, name)),
    );
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("This browser has no WebRTC, or an extension blocks it").waitFor();
    await page.context().close();
  });

  it("names what blocks sockets among the reasons for being turned away", async () => {
    const page = await visitWithout("bare", () => {
      // As where something on the way refuses them: a path at which nothing takes one.
      window.WebSocket = class extends WebSocket {
        constructor(url: string | URL) {
          super(new URL("/blocked", url));
        }
      };
    });
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("heading", { name: "Turned away" }).waitFor();
    await page.getByText("blocks WebSockets").waitFor();
    await page.context().close();
  });

  it("is no blank page while its code is on its way, nor where it does not come", async () => {
    const page = await stage().visit("about:blank");
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route("**/assets/index.js", async (route) => {
      await held;
      await route.abort();
    });
    await page.goto(stage().server.pageUrl, { waitUntil: "commit" });
    await page.getByText("Roomtone is loading.").waitFor();
    release();
    await page.getByText("load the page again, or use a current browser").waitFor({ timeout: 20_000 });
    await page.unroute("**/assets/index.js");
    await page.reload();
    await page.getByRole("button", { name: "Join with microphone" }).waitFor();
    expect(await page.getByText("Roomtone is loading.").count()).toBe(0);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
