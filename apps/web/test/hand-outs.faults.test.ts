import { describe, expect, it } from "vitest";
import { readQrCode } from "./support/qr-reader.ts";
import { withStudioStage } from "./support/with-studio-stage.ts";

const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };
const patience = { timeout: 20_000 };
const stage = withStudioStage();

describe("what the studio hands out", () => {
  it("copies diagnostics with states, figures and codes, and without tokens, keys, names or words", async () => {
    const token = await stage().server.createToken({ roomName: "rtsecret_room", identity: "rtsecret_me", name: "rtsecret_noor" });
    const peer = await stage().peer("rtsecret_room", { identity: "rtsecret_ann", name: "rtsecret_ann", toneHz: 500 });
    const page = await stage().visit(`?url=${encodeURIComponent(stage().server.url)}`, clipboard);
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("You are on air").waitFor();
    await peer.say("rtsecret_words");
    // So that the events of an outage and a way back are among them.
    await stage().server.kill();
    await page.getByText("Nobody hears you now").waitFor();
    await stage().server.start();
    await page.getByText("You are on air").waitFor();
    await page.getByRole("tab", { name: "Health" }).click();
    const copied = async () => {
      await page.getByRole("button", { name: "Copy diagnostics" }).click();
      await page.getByRole("status").getByText("Copied.").waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    // The first figures come a second later.
    await expect.poll(copied, patience).toMatch(/^bitrate: [\d.]+ bit\/s$/m);
    const text = await copied();
    expect(text.split("\n").map((line) => line.split(":")[0])).toEqual(
      expect.arrayContaining([
        "Roomtone studio",
        "browser",
        "connection",
        "driver",
        "publication",
        "codec",
        "loss",
        "jitter",
        "round trip",
      ]),
    );
    expect(text).toMatch(/^connection: connected$/m);
    expect(text).toMatch(/^driver: livekit-client$/m);
    expect(text).toMatch(/reconnecting, attempt 1: /);
    expect(text).toMatch(/reconnected after \d+ ms, joined anew/);
    const device = await page.getByLabel("Microphone", { exact: true }).locator("option:checked").textContent();
    const secrets = [
      token,
      "eyJ",
      stage().server.apiKey,
      stage().server.apiSecret,
      "rtsecret_",
      device ?? "",
      new URL(stage().server.url).host,
    ];
    expect(secrets.filter((secret) => secret === "" || text.includes(secret))).toEqual([]);
    await page.context().close();
  });

  it("shows the diagnostics to select where the browser lets no page copy", async () => {
    const page = await stage().visit("?room=by-hand&listen");
    await page.addInitScript(() => {
      Object.defineProperty(navigator, "clipboard", { value: undefined });
    });
    await page.reload();
    await page.getByRole("tab", { name: "Health" }).click();
    await page.getByRole("button", { name: "Copy diagnostics" }).click();
    await page.getByText("The browser does not let this page copy").waitFor();
    const text = await page.getByRole("textbox", { name: "Copy diagnostics: the text" }).inputValue();
    expect(text).toMatch(/^connection: connected$/m);
    await page.context().close();
  });

  it.each(["light", "dark"] as const)(
    "has a QR code that leads where the link does, without a token, in the %s theme",
    async (colorScheme) => {
      const roomName = "Größe & Maß / 1";
      const page = await stage().visit(`?room=${encodeURIComponent(roomName)}&listen`, { ...clipboard, colorScheme });
      await page.getByText("Listening only").waitFor();
      await page.getByRole("button", { name: "Invite" }).click();
      const code = page.getByRole("img", { name: "The invitation as a QR code" });
      const link = page.locator(".invite-link");
      for (const listen of [false, true]) {
        if (listen) await page.getByRole("switch", { name: "To listen only, at once" }).click();
        await expect.poll(() => readQrCode(code), patience).toBe(await link.textContent());
        const address = new URL((await link.textContent()) ?? "");
        expect([...address.searchParams.keys()]).toEqual(listen ? ["room", "listen"] : ["room"]);
        expect(address.searchParams.get("room")).toBe(roomName);
      }
      await page.getByRole("button", { name: "Copy link" }).click();
      await page.getByText("Copied.").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await link.textContent());
      const guest = await stage().visit((await readQrCode(code)) ?? "");
      await guest.getByRole("heading", { name: roomName }).waitFor();
      await guest.getByText("Listening only").waitFor();
      await guest.context().close();
      await page.context().close();
    },
  );

  it("has a QR code with the other server's address, and not the token that was given by hand", async () => {
    const page = await stage().visit(`?url=${encodeURIComponent(stage().server.url)}`);
    await page.getByLabel("Token").fill(await stage().server.createToken({ roomName: "by hand", identity: "hand" }));
    await page.getByRole("button", { name: "Listen only" }).click();
    await page.getByText("Listening only").waitFor();
    await page.getByRole("button", { name: "Invite" }).click();
    const code = page.getByRole("img", { name: "The invitation as a QR code" });
    await code.waitFor();
    const address = new URL((await readQrCode(code)) ?? "");
    expect([...address.searchParams]).toEqual([
      ["room", "by hand"],
      ["url", stage().server.url],
    ]);
    await page.context().close();
  });

  it("keeps its policy, and its scripts write nothing to the console", () => {
    expect(stage().findings).toEqual({ console: [], policyViolations: [] });
  });
});
