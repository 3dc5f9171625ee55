import type { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import type { Page } from "playwright-core";
import { type BrowserStage, eventually, heard, type Visited } from "./browser-stage.js";

/** A page that publishes its microphone into a room in which somebody listens past everything that is cut. */
export class OutagePage {
  readonly page: Page;
  readonly peer: RtcNodePeer;
  /** Of the microphone and the publication, before anything went wrong. */
  readonly before: Awaited<ReturnType<typeof factsOf>>;

  private constructor(page: Page, peer: RtcNodePeer, before: Awaited<ReturnType<typeof factsOf>>) {
    this.page = page;
    this.peer = peer;
    this.before = before;
  }

  /** Resolves when everything is as in any longer call: the server's reports on what arrives have come. */
  static async open(stage: BrowserStage, room: string, { identity = "page", muted = false } = {}): Promise<OutagePage> {
    const page = await stage.visit();
    await page.evaluate(() => visitor.open({ profile: "music" }));
    const peer = await stage.peer(`hears-${identity}`, room);
    await stage.joinAndPublish(page, identity, room, { muted });
    if (!muted) {
      await heard(peer, identity, 440);
      await eventually("the server reports", () => page.evaluate(async () => ((await visitor.networkSample())?.arrivedMark ?? 0) > 0));
    }
    return new OutagePage(page, peer, await factsOf(page));
  }
}

/** Whether the page shows that now. */
export function labelIs(page: Visited, label: string): Promise<boolean> {
  return page.evaluate((wanted) => visitor.shown.at(-1)?.label === wanted, label);
}

function factsOf(page: Visited) {
  return page.evaluate(() => visitor.facts());
}
