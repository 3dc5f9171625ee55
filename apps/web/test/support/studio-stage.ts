import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lifetime } from "@roomtone/core";
import { type DevServer, type DevServerOptions, findLiveKitServer, startDevServer } from "@roomtone/dev-server";
import { sine, wavBytes } from "@roomtone/testing";
import { RoomServiceClient } from "livekit-server-sdk";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { type ChromiumOptions, launchChromium } from "./chromium.ts";
import { NodePeer, type NodePeerOptions } from "./node-peer.ts";
import { servePlainly } from "./plain-server.ts";
import { keepPlayers } from "./played-sound.ts";

const pageFolder = fileURLToPath(new URL("../../dist", import.meta.url));

/** What pages did that they should not. */
interface Findings {
  /** Everything that scripts wrote to their pages' consoles, and what they threw. */
  readonly console: string[];
  readonly policyViolations: string[];
}

/** The built studio on a server of its own, a Chromium with a microphone of 440 Hz, and participants in Node. */
export class StudioStage {
  readonly server: DevServer;
  readonly findings: Findings = { console: [], policyViolations: [] };
  readonly #lifetime: Lifetime;
  readonly #browsers = new Map<string, Promise<Browser>>();
  readonly #folder: string;

  private constructor(lifetime: Lifetime, server: DevServer, folder: string) {
    this.#lifetime = lifetime;
    this.server = server;
    this.#folder = folder;
  }

  static async open(options: Omit<DevServerOptions, "listenPage"> = {}): Promise<StudioStage> {
    const lifetime = new Lifetime();
    try {
      const folder = lifetime.own(await mkdtemp(join(tmpdir(), "roomtone-studio-")), (path) => rm(path, { recursive: true, force: true }));
      const server = lifetime.own(await startDevServer({ ...options, listenPage: pageFolder }), (opened) => opened.close());
      return new StudioStage(lifetime, server, folder);
    } catch (error) {
      await lifetime.close();
      throw error;
    }
  }

  /** A page of its own profile. One browser for each set of options. */
  async visit(
    query = "",
    context: BrowserContextOptions = {},
    browser: ChromiumOptions = {},
    address = this.server.pageUrl,
  ): Promise<Page> {
    const page = await (await (await this.#browser(browser)).newContext(context)).newPage();
    page.setDefaultTimeout(15_000);
    const inspector = await page.context().newCDPSession(page);
    // Of scripts alone: the browser's own lines name the address of a socket that fails.
    inspector.on("Runtime.consoleAPICalled", ({ args }) => this.findings.console.push(JSON.stringify(args)));
    await inspector.send("Runtime.enable");
    page.on("pageerror", (error) => this.findings.console.push(`page error: ${error.message}`));
    await page.exposeFunction("reportPolicyViolation", (violation: string) => void this.findings.policyViolations.push(violation));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        void reportPolicyViolation(`${violatedDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
      });
    });
    await page.addInitScript(keepPlayers);
    await page.goto(new URL(query, address).href);
    return page;
  }

  /** A page that has joined with its microphone, by way of the lobby. */
  async join(roomName: string, name: string, context: BrowserContextOptions = {}, browser: ChromiumOptions = {}): Promise<Page> {
    const page = await this.visit(`?room=${encodeURIComponent(roomName)}`, context, browser);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Join with microphone" }).click();
    await page.getByText("You are on air").waitFor();
    return page;
  }

  /** A file for a microphone of its own. */
  async tone(frequencyHz: number): Promise<string> {
    const path = join(this.#folder, `${frequencyHz}.wav`);
    // Whole periods, so that it repeats without a click.
    await writeFile(path, wavBytes(sine({ frequencyHz, durationMs: 1000 })));
    return path;
  }

  /** A program for `serverPath`: the same server, which makes no rooms for who joins. */
  async strictServer(): Promise<string> {
    const path = join(this.#folder, "strict-livekit-server");
    await writeFile(path, `#!/bin/sh\nexec "${await findLiveKitServer()}" "$@" --room.auto_create=false\n`, { mode: 0o755 });
    return path;
  }

  /** A page whose origin browsers do not trust. */
  async visitPlainly(): Promise<Page> {
    const { port } = this.#lifetime.own(await servePlainly(pageFolder, this.server.tokenEndpoint), (opened) => opened.close());
    const hostAlias = "studio.test";
    return this.visit("", {}, { hostAlias }, `http://${hostAlias}:${port}/`);
  }

  async peer(roomName: string, options: NodePeerOptions): Promise<NodePeer> {
    const token = await this.server.createToken({ roomName, identity: options.identity, name: options.name ?? "" });
    return this.#lifetime.own(await NodePeer.join(this.server.url, token, options), (peer) => peer.leave());
  }

  /** The server's API, as a moderator uses it. */
  get moderator(): RoomServiceClient {
    return new RoomServiceClient(this.server.httpUrl, this.server.apiKey, this.server.apiSecret);
  }

  close(): Promise<void> {
    return this.#lifetime.close();
  }

  #browser(options: ChromiumOptions): Promise<Browser> {
    const key = JSON.stringify(options);
    const known = this.#browsers.get(key);
    if (known) return known;
    const launching = this.#launch(options);
    this.#browsers.set(key, launching);
    return launching;
  }

  async #launch(options: ChromiumOptions): Promise<Browser> {
    const browser = await launchChromium({ microphoneWav: await this.tone(440), ...options });
    return this.#lifetime.own(browser, (opened) => opened.close());
  }
}

declare global {
  var reportPolicyViolation: (violation: string) => Promise<void>;
}
