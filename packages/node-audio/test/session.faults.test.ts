import { releaseNatives } from "@roomtone/node-audio";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { KeptRoom } from "./support/kept-room.js";

let kept: KeptRoom | undefined;

afterEach(async () => {
  await kept?.close();
  kept = undefined;
});
afterAll(releaseNatives);

const sleep = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

describe("a room on rtc-node, through outages", () => {
  it.for([1, 8, 20])("comes back after the server was gone for %i s", async (goneForS, { annotate }) => {
    kept = await KeptRoom.open();
    await kept.session.publish(kept.capture(440), { name: "voice" });
    await kept.server.kill();
    await sleep(goneForS * 1000); // the outage itself
    await kept.server.start();
    const startMs = performance.now();
    await kept.told("reconnected");
    await annotate(`back ${Math.round(performance.now() - startMs)} ms after the server`);
    const peer = await kept.peer();
    await kept.heard(peer, "voice", 440);
    await sleep(5000); // what was queued in the outage, a ghost among it, has come by then
    await kept.seen(peer, { voice: "live" });
    expect(kept.count("closed")).toBe(0);
  });

  it.each([5, 20])("keeps its connection over a freeze of %i s", async (frozenForS) => {
    kept = await KeptRoom.open();
    const publication = await kept.session.publish(kept.capture(440), { name: "voice" });
    const { sid } = publication.state;
    await sleep(3000); // a freeze of 5 s that begins with the room is over before rtc-node notices it
    await kept.server.signal("SIGSTOP");
    await sleep(frozenForS * 1000); // the freeze itself
    await kept.server.signal("SIGCONT");
    await kept.told("reconnected");
    const peer = await kept.peer();
    await kept.heard(peer, "voice", 440);
    expect(publication.state).toMatchObject({ sid, status: "live" });
    expect(kept.events.find((event) => event.type === "reconnected")).toMatchObject({ resumed: true });
  });

  it("comes back after an orderly shutdown of the server", async () => {
    kept = await KeptRoom.open();
    await kept.session.publish(kept.capture(440), { name: "voice", muted: true });
    await kept.server.signal("SIGTERM");
    await kept.server.kill("SIGTERM");
    await sleep(3000); // the outage itself
    await kept.server.start();
    await kept.told("reconnected");
    await kept.seen(await kept.peer(), { voice: "muted" });
  });
});
