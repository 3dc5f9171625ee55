import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispose } from "@livekit/rtc-node";
import { Lifetime } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { sine, systemTime, until, wavBytes } from "@roomtone/testing";
import type { Browser, Page } from "playwright-core";
import { type ChromiumOptions, launchChromium } from "./chromium.js";
import { type PageServer, servePages } from "./page-server.js";
import { RtcPeer } from "./rtc-peer.js";

/** A LiveKit server, a Chromium with a 440 Hz microphone, and pages and Node participants in its rooms. */
export class BrowserStage {
  readonly server: DevServer;
  readonly pages: PageServer;
  readonly browser: Browser;
  /** Everything that scripts wrote to their pages' consoles. The browser's own lines are its own: it names the address of a socket that fails. */
  readonly console: string[] = [];
  readonly tokens: string[] = [];
  readonly #lifetime: Lifetime;

  private constructor(lifetime: Lifetime, server: DevServer, pages: PageServer, browser: Browser) {
    this.#lifetime = lifetime;
    this.server = server;
    this.pages = pages;
    this.browser = browser;
  }

  static async open(options: ChromiumOptions = {}): Promise<BrowserStage> {
    const lifetime = new Lifetime();
    try {
      lifetime.defer(() => dispose());
      const folder = lifetime.own(await mkdtemp(join(tmpdir(), "roomtone-web-")), (path) => rm(path, { recursive: true, force: true }));
      const microphoneWav = join(folder, "440.wav");
      // Whole periods, so that it repeats without a click.
      await writeFile(microphoneWav, wavBytes(sine({ frequencyHz: 440, durationMs: 1000 })));
      const server = lifetime.own(await startDevServer(), (opened) => opened.close());
      const pages = lifetime.own(await servePages([server.url, server.httpUrl]), (opened) => opened.close());
      const browser = lifetime.own(await launchChromium({ ...(options.realDevices ? {} : { microphoneWav }), ...options }), (opened) =>
        opened.close(),
      );
      return new BrowserStage(lifetime, server, pages, browser);
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  /** A page of its own profile, with `visitor` in it. */
  async visit(): Promise<Page> {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    const inspector = await context.newCDPSession(page);
    inspector.on("Runtime.consoleAPICalled", ({ args }) => this.console.push(JSON.stringify(args)));
    await inspector.send("Runtime.enable");
    page.on("pageerror", (error) => this.console.push(`page error: ${error.message}`));
    await page.goto(`${this.pages.origin}/?run=visitor`);
    return page;
  }

  async token(identity: string, roomName: string): Promise<string> {
    const token = await this.server.createToken({ identity, roomName });
    this.tokens.push(token);
    return token;
  }

  /** Joins `page`'s visitor, whose microphone is open, and publishes it. */
  async joinAndPublish(
    page: Page,
    identity: string,
    roomName: string,
    options: { subscribe?: boolean; muted?: boolean } = {},
  ): Promise<void> {
    const { subscribe = false, muted = false } = options;
    const facts = { url: this.server.url, token: await this.token(identity, roomName), subscribe, muted };
    await page.evaluate(async (wanted) => {
      await visitor.join(wanted.url, wanted.token, wanted.subscribe);
      await visitor.publish({ muted: wanted.muted });
    }, facts);
  }

  async peer(identity: string, roomName: string): Promise<RtcPeer> {
    return this.#lifetime.own(await RtcPeer.join(this.server.url, await this.token(identity, roomName)), (peer) => peer.leave());
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }
}

/** Waits until `peer` hears `frequencyHz`, within 3 %. */
export function heard(peer: RtcPeer, identity: string, frequencyHz: number, trackName = "microphone"): Promise<void> {
  return eventually(`${identity} is heard at ${frequencyHz} Hz`, async () => {
    const sound = await peer.hear(identity, trackName, 200);
    return sound.level > 0.02 && Math.abs(sound.frequencyHz - frequencyHz) < frequencyHz * 0.03;
  });
}

/** Waits until `page` plays `frequencyHz` of `identity`, within 3 %. */
export function plays(page: Page, identity: string, frequencyHz: number): Promise<void> {
  return eventually(`the page plays ${identity} at ${frequencyHz} Hz`, async () => {
    const sound = await page.evaluate((who) => visitor.hear(who), identity);
    return sound.level > 0.02 && Math.abs(sound.frequencyHz - frequencyHz) < frequencyHz * 0.03;
  });
}

export function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  return until(systemTime(), what, condition, 20_000);
}
