import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dispose } from "@livekit/rtc-node";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { publishTone, type TonePublisher } from "./tone-publisher.js";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
const browserArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // As on a person's machine: sound needs a click.
  "--autoplay-policy=document-user-activation-required",
];

describe.skipIf(!executablePath)("the listening page", () => {
  let server: DevServer;
  let browser: Browser;
  const publishers: TonePublisher[] = [];
  const pages: Page[] = [];
  const consoleLines: string[] = [];

  beforeAll(async () => {
    const listenPage = fileURLToPath(new URL("../dist", import.meta.url));
    server = await startDevServer({ listenPage });
    browser = await chromium.launch({ executablePath: executablePath ?? "", args: browserArguments });
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
    await Promise.all(publishers.splice(0).map((publisher) => publisher.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await dispose();
  });

  async function open(query: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    pages.push(page);
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => consoleLines.push(message.text()));
    page.on("pageerror", (error) => consoleLines.push(String(error)));
    await page.goto(server.pageUrl + query);
    return page;
  }

  async function publish(roomName: string, identity = "ann", trackName = "tone"): Promise<void> {
    publishers.push(await publishTone(server, { roomName, identity, trackName }));
  }

  const levelDb = async (page: Page): Promise<number> => Number(await page.getByRole("meter").first().getAttribute("aria-valuenow"));

  /** Playwright's own evaluation counts as a click: after it, the browser lets the page play. */
  async function statusWithoutGesture(page: Page): Promise<unknown> {
    const session = await page.context().newCDPSession(page);
    const { result } = await session.send("Runtime.evaluate", { expression: "document.getElementById('status').textContent" });
    await session.detach();
    return result.value;
  }

  it("plays what is published, after the click that the browser asks for", async () => {
    await publish("hall");
    const page = await open("?room=hall&listen");
    await expect.poll(() => statusWithoutGesture(page), { timeout: 15_000 }).toBe("Live. Press Listen to hear the room.");
    await page.getByRole("button", { name: "Listen", exact: true }).click();
    await page.getByText("Live: you hear one track.").waitFor();
    // A sine of half of full scale has -9 dB: measured on the audio as the page decodes it.
    await expect.poll(() => levelDb(page), { timeout: 15_000 }).toBeGreaterThan(-12);
    expect(await levelDb(page)).toBeLessThan(-6);
    expect(await page.locator("audio").evaluateAll((all) => all.map((audio) => (audio as HTMLAudioElement).paused))).toEqual([false]);
    await page.getByRole("button", { name: "Stop listening" }).click();
    await page.getByText("Live. Press Listen to hear the room.").waitFor();
    expect(await page.locator("audio").count()).toBe(0);
  });

  it("keeps the token out of the address, the storage and the console", async () => {
    await publish("hall");
    const page = await open("?room=hall");
    await page.getByRole("meter").waitFor();
    const kept = await page.evaluate(() => JSON.stringify([location.href, document.cookie, { ...localStorage }, { ...sessionStorage }]));
    expect(`${kept}${consoleLines.join()}`).not.toContain("eyJ");
    expect(page.url()).toBe(`${server.pageUrl}?room=hall`);
    // livekit-client makes a context of its own before any gesture, and the browser says so.
    expect(consoleLines.filter((line) => !line.startsWith("The AudioContext was not allowed to start."))).toEqual([]);
  });

  it("follows who comes, mutes and goes, and shows names as text", async () => {
    const roomName = "<b>studio</b> & co";
    const page = await open(`?room=${encodeURIComponent(roomName)}`);
    await page.getByText("Connected, and waiting for somebody to publish.").waitFor();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(roomName);
    await publish(roomName, "<i>ann</i>", "left");
    await publish(roomName, "ben", "right");
    await expect.poll(() => page.getByRole("meter").count()).toBe(2);
    await page.getByRole("meter", { name: "Level of <i>ann</i>, left" }).waitFor();
    await publishers.pop()?.close();
    await expect.poll(() => page.getByRole("meter").count()).toBe(1);
  });

  it("comes back by itself after the server was away", async () => {
    const page = await open("?room=outage");
    await page.getByText("Connected, and waiting").waitFor();
    await server.kill();
    await page.locator('#status[data-kind="trouble"]').waitFor();
    await server.start();
    await page.getByText("Connected, and waiting").waitFor({ timeout: 25_000 });
  });

  it.each([360, 1440])("fits a window %i pixels wide", async (width) => {
    const name = "a-room-with-a-very-long-name-that-has-no-place-to-break-".repeat(3);
    await publish(name, "somebody with a long name ".repeat(6), "track");
    const page = await open(`?room=${name}`, { viewport: { width, height: 800 } });
    await page.getByRole("meter").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });
});
