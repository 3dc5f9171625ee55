import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { findBarriers } from "./support/axe.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const FIRST_LOAD_LIMIT_BYTES = 250_000;
const USABLE_WITHIN_MS = 1_000;

const kept = (page: Page) =>
  page.evaluate(() => JSON.stringify([location.href, history.state, document.cookie, { ...localStorage }, { ...sessionStorage }]));

const stage = withStudioStage();

describe("the studio's lobby", () => {
  it("loads less than 250 KB, compressed, and nothing of LiveKit before a room is joined", async () => {
    const page = await stage().visit("?room=hall");
    await page.getByRole("button", { name: "Join with microphone" }).waitFor();
    await page.evaluate(() => document.fonts.ready);
    const paths = await page.evaluate(() => [
      location.pathname,
      ...performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
    ]);
    const sizes = await Promise.all(
      [...new Set(paths)].map(async (path) => {
        const content = await readFile(fileURLToPath(new URL(`../dist${path === "/" ? "/index.html" : path}`, import.meta.url)));
        return path.endsWith(".woff2") ? content.length : gzipSync(content).length;
      }),
    );
    console.info(`first load: ${sizes.length} files, ${sizes.reduce((sum, size) => sum + size, 0)} bytes compressed`);
    expect(paths.filter((path) => path.endsWith(".woff2"))).not.toEqual([]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_LIMIT_BYTES);
    expect(paths.filter((path) => /livekit|recorder|chart|qr-code|live-/.test(path))).toEqual([]);
    for (const colorScheme of ["light", "dark"] as const) {
      // Half way from one theme to the other no contrast is what it will be.
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect.poll(() => findBarriers(page), { timeout: 15_000 }).toEqual([]); // a colour on its way is none
    }
    await page.context().close();
  });

  it("can be used within a second of being asked for", async () => {
    const page = await stage().visit();
    await (await page.context().newCDPSession(page)).send("Network.setCacheDisabled", { cacheDisabled: true });
    await page.addInitScript(() => {
      // React has put its listeners there before it shows anything.
      const seen = new MutationObserver(() => {
        if (!document.querySelector("button[type=submit]")) return;
        seen.disconnect();
        window.usableAfterMs = performance.now();
      });
      seen.observe(document, { childList: true, subtree: true });
    });
    const timesMs: number[] = [];
    // The best of some: what else this machine does is not the page's.
    while (timesMs.length < 5 && !timesMs.some((timeMs) => timeMs < USABLE_WITHIN_MS)) {
      await page.reload();
      await page.getByRole("button", { name: "Listen only" }).waitFor();
      timesMs.push(await page.evaluate(() => window.usableAfterMs));
    }
    console.info(`usable after ${timesMs.map((timeMs) => `${Math.round(timeMs)} ms`).join(", ")}`);
    expect(Math.min(...timesMs)).toBeLessThan(USABLE_WITHIN_MS);
    await page.context().close();
  });

  it("says what it remembers, and forgets it", async () => {
    const page = await stage().join("hall", "Noor");
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Back to the lobby" }).click();
    await page.goto(stage().server.pageUrl);
    expect(await page.getByLabel("Your name").inputValue()).toBe("Noor");
    expect(await page.getByLabel("Room", { exact: true }).inputValue()).toBe("hall");
    await page.getByText("This browser remembers your name, room, microphone and theme.").waitFor();
    await page.getByRole("button", { name: "Forget" }).click();
    await page.getByText("Forgotten.").waitFor();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    await page.reload();
    expect(await page.getByLabel("Your name").inputValue()).toBe("");
    await page.context().close();
  });

  it("takes a token by hand for another server, and keeps it out of the address, the storage and the console", async () => {
    const page = await stage().visit("?room=hall");
    await page.getByText("I have a token for another LiveKit server").click();
    await page.getByLabel("LiveKit URL").fill(stage().server.url);
    await page.getByRole("button", { name: "Use this server" }).click();
    await page.getByLabel("Token").fill("not a token");
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("alert").getByText("token").waitFor();
    await page.getByLabel("Token").fill(await stage().server.createToken({ roomName: "by hand", identity: "hand", name: "Hand" }));
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByRole("heading", { name: "by hand" }).waitFor();
    await page.getByText("Listening only").waitFor();
    expect(await kept(page)).not.toContain("eyJ");
    expect(new URL(page.url()).searchParams.get("url")).toBe(stage().server.url);
    await page.getByRole("button", { name: "Invite" }).click();
    const link = (await page.locator(".invite-link").textContent()) ?? "";
    expect([...new URL(link).searchParams.keys()]).toEqual(["room", "url"]);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});

declare global {
  interface Window {
    usableAfterMs: number;
  }
}
