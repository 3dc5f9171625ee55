import type { CDPSession, Page } from "playwright-core";
import { type BrowserStage, eventually } from "./browser-stage.js";

/** Cycles before the first reading: caches fill, and code is compiled. */
const WARM_UP_CYCLES = 3;

/** What a room leaves behind when something holds it, as expressions of the prototypes of its parts. */
const parts: Readonly<Record<string, string>> = {
  rooms: 'import("livekit-client").then(({ Room }) => Room.prototype)',
  "peer connections": "RTCPeerConnection.prototype",
  tracks: "MediaStreamTrack.prototype",
  "audio contexts": "AudioContext.prototype",
  "audio nodes": "AudioNode.prototype",
  "audio elements": "HTMLAudioElement.prototype",
  sockets: "WebSocket.prototype",
};

/** A page in which somebody joins, publishes and leaves, again and again. */
export class JoinLeavePage {
  readonly #stage: BrowserStage;
  readonly #page: Page;
  readonly #inspector: CDPSession;

  private constructor(stage: BrowserStage, page: Page, inspector: CDPSession) {
    this.#stage = stage;
    this.#page = page;
    this.#inspector = inspector;
  }

  static async open(stage: BrowserStage): Promise<JoinLeavePage> {
    const page = await stage.visit();
    const peer = await stage.peer("node", "cycles");
    await peer.publish(1000, { name: "tone" });
    const inspector = await page.context().newCDPSession(page);
    await inspector.send("HeapProfiler.enable");
    const opened = new JoinLeavePage(stage, page, inspector);
    await opened.cycle(WARM_UP_CYCLES);
    return opened;
  }

  async cycle(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const facts = { url: this.#stage.server.url, token: await this.#stage.token("page", "cycles") };
      await this.#page.evaluate(async ({ url, token }) => {
        const someone = newVisitor();
        await someone.open({ profile: "music" });
        await someone.join(url, token, true);
        await someone.publish();
        await someone.openMeter();
        await someone.end();
      }, facts);
    }
  }

  /** Waits until there are no more nodes, listeners and parts of rooms than `before`: what closes in the background takes a moment. */
  async settled(before: Readonly<Record<string, number>>): Promise<void> {
    let now: Readonly<Record<string, number>> = {};
    try {
      await eventually("the page is as small as before", async () => {
        now = await this.count();
        return Object.entries(before).every(([what, count]) => (now[what] ?? 0) <= count);
      });
    } catch (error) {
      throw new Error(`the page grew from ${JSON.stringify(before)} to ${JSON.stringify(now)}`, { cause: error });
    }
  }

  async count(): Promise<Record<string, number>> {
    await this.collect();
    const { nodes, jsEventListeners } = await this.#inspector.send("Memory.getDOMCounters");
    const counts: Record<string, number> = { nodes, listeners: jsEventListeners };
    for (const [what, expression] of Object.entries(parts)) counts[what] = await this.#instances(expression);
    return counts;
  }

  async heapBytes(): Promise<number> {
    await this.collect();
    return (await this.#inspector.send("Runtime.getHeapUsage")).usedSize;
  }

  /** Twice: what the first collection finalizes, the second frees. */
  async collect(): Promise<void> {
    await this.#inspector.send("HeapProfiler.collectGarbage");
    await this.#inspector.send("HeapProfiler.collectGarbage");
  }

  async #instances(prototype: string): Promise<number> {
    const objectGroup = "counting";
    const { result } = await this.#inspector.send("Runtime.evaluate", { expression: prototype, awaitPromise: true, objectGroup });
    const { objects } = await this.#inspector.send("Runtime.queryObjects", { prototypeObjectId: result.objectId ?? "", objectGroup });
    const { result: length } = await this.#inspector.send("Runtime.callFunctionOn", {
      objectId: objects.objectId ?? "",
      functionDeclaration: "function () { return this.length; }",
      returnByValue: true,
    });
    await this.#inspector.send("Runtime.releaseObjectGroup", { objectGroup });
    return length.value as number;
  }
}
