import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispose } from "@livekit/rtc-node";
import { Lifetime } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { sine, systemTime, until, wavBytes } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import type { Browser, Page } from "playwright-core";
import { afterAll } from "vitest";
import { type ChromiumOptions, launchChromium } from "./chromium.js";
import { openPageNetwork, type PageNetwork } from "./page-network.js";
import { type PageServer, servePages } from "./page-server.js";
import { Tab } from "./tab.js";

/** A page, or a tab, with `visitor` in it. */
export interface Visited {
  evaluate<Result>(work: () => Result | Promise<Result>): Promise<Result>;
  evaluate<Result, Argument>(work: (argument: Argument) => Result | Promise<Result>, argument: Argument): Promise<Result>;
}

export interface StageOptions extends ChromiumOptions {
  /** Pages reach the server through a network that can be cut; the Node participants go past it. */
  readonly cuttable?: boolean;
  /** `visitInTab` works: the browser treats pages that nobody sees as any browser does. */
  readonly tabs?: boolean;
  /** More of the pages' content security policy. */
  readonly directives?: readonly string[];
}

interface StageParts {
  readonly server: DevServer;
  readonly pages: PageServer;
  readonly browser: Browser;
  readonly network: PageNetwork | undefined;
  readonly debuggingPort: number | undefined;
}

// Once, after the last test of a file: a file's later stages need rtc-node, too, and after `dispose()` it joins no room and does not say so.
afterAll(() => dispose());

/** A LiveKit server, a Chromium with a 440 Hz microphone, and pages and Node participants in its rooms. */
export class BrowserStage {
  readonly server: DevServer;
  readonly pages: PageServer;
  readonly browser: Browser;
  /** Everything that scripts wrote to their pages' consoles. The browser's own lines are its own: it names the address of a socket that fails. */
  readonly console: string[] = [];
  readonly tokens: string[] = [];
  readonly #lifetime: Lifetime;
  readonly #network: PageNetwork | undefined;
  readonly #debuggingPort: number | undefined;

  private constructor(lifetime: Lifetime, { server, pages, browser, network, debuggingPort }: StageParts) {
    this.#lifetime = lifetime;
    this.server = server;
    this.pages = pages;
    this.browser = browser;
    this.#network = network;
    this.#debuggingPort = debuggingPort;
  }

  static async open({ cuttable = false, tabs = false, directives = [], ...options }: StageOptions = {}): Promise<BrowserStage> {
    const lifetime = new Lifetime();
    try {
      const folder = lifetime.own(await mkdtemp(join(tmpdir(), "roomtone-web-")), (path) => rm(path, { recursive: true, force: true }));
      const microphoneWav = join(folder, "440.wav");
      // Whole periods, so that it repeats without a click.
      await writeFile(microphoneWav, wavBytes(sine({ frequencyHz: 440, durationMs: 1000 })));
      const server = lifetime.own(await startDevServer({ iceLite: cuttable }), (opened) => opened.close());
      const network = cuttable ? lifetime.own(await openPageNetwork(server), (opened) => opened.close()) : undefined;
      const url = network?.url ?? server.url;
      const pages = lifetime.own(await servePages([url, url.replace("ws:", "http:")], undefined, directives), (opened) => opened.close());
      const debuggingPort = tabs ? await freePort() : undefined;
      const sound = options.realDevices ? {} : { microphoneWav };
      const browser = lifetime.own(await launchChromium({ ...sound, ...options, ...(debuggingPort ? { debuggingPort } : {}) }), (opened) =>
        opened.close(),
      );
      return new BrowserStage(lifetime, { server, network, pages, browser, debuggingPort });
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  get network(): PageNetwork {
    if (!this.#network) throw new Error("this stage has no network that can be cut");
    return this.#network;
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

  /** As `visit`, in a tab that can be hidden and frozen. */
  async visitInTab(): Promise<Tab> {
    if (!this.#debuggingPort) throw new Error("this stage's browser has no debugging port");
    const tab = this.#lifetime.own(await Tab.open(this.#debuggingPort, `${this.pages.origin}/?run=visitor`), (opened) => opened.close());
    await eventually("the page is loaded", () => tab.evaluate(() => "visitor" in globalThis));
    return tab;
  }

  async token(identity: string, roomName: string): Promise<string> {
    const token = await this.server.createToken({ identity, roomName });
    this.tokens.push(token);
    return token;
  }

  /** Joins `page`'s visitor, whose microphone is open, and publishes it. */
  async joinAndPublish(
    page: Visited,
    identity: string,
    roomName: string,
    options: { subscribe?: boolean; muted?: boolean } = {},
  ): Promise<void> {
    const { subscribe = false, muted = false } = options;
    const url = this.#network?.url ?? this.server.url;
    const facts = { url, token: await this.token(identity, roomName), subscribe, muted };
    await page.evaluate(async (wanted) => {
      await visitor.join(wanted.url, wanted.token, wanted.subscribe);
      await visitor.publish({ muted: wanted.muted });
    }, facts);
  }

  async peer(identity: string, roomName: string): Promise<RtcNodePeer> {
    return this.#lifetime.own(await RtcNodePeer.join(this.server.url, await this.token(identity, roomName)), (peer) => peer.leave());
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until `peer` hears `frequencyHz`, within 3 %. */
export function heard(peer: RtcNodePeer, identity: string, frequencyHz: number, trackName = "microphone"): Promise<void> {
  return eventually(`${identity} is heard at ${frequencyHz} Hz`, async () => {
    const sound = await peer.hear(identity, trackName, 200);
    return sound.level > 0.02 && Math.abs(sound.frequencyHz - frequencyHz) < frequencyHz * 0.03;
  });
}

/** Waits until `page` plays `frequencyHz` of `identity`, within 3 %. */
export function plays(page: Visited, identity: string, frequencyHz: number): Promise<void> {
  return eventually(`the page plays ${identity} at ${frequencyHz} Hz`, async () => {
    const sound = await page.evaluate((who) => visitor.hear(who), identity);
    return sound.level > 0.02 && Math.abs(sound.frequencyHz - frequencyHz) < frequencyHz * 0.03;
  });
}

export function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  return until(systemTime(), what, condition, 20_000);
}

/** Milliseconds from `returnedMs` (since the epoch) until the page's publication was `label` again. */
export async function backAfterMs(page: Visited, returnedMs: number, label: "live" | "muted" | "connected"): Promise<number> {
  let backMs: number | undefined;
  await eventually(`the page is ${label} again`, async () => {
    const shown = await page.evaluate(() => visitor.shown);
    // What was shown before the return ended at the latest with the first step after it.
    const away = shown.findLastIndex((step) => step.label === "reconnecting" || step.label === "publishing");
    backMs = shown.find((step, index) => index > away && step.label === label)?.atMs;
    return away >= 0 && backMs !== undefined;
  });
  return Math.max(0, Math.round((backMs ?? 0) - returnedMs));
}
