import { releaseNatives } from "@roomtone/node-audio";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { KeptRoom } from "./support/kept-room.js";

let kept: KeptRoom | undefined;

afterEach(async () => {
  await kept?.close();
  kept = undefined;
});
afterAll(releaseNatives);

describe("a room on rtc-node, at a real server", () => {
  it("comes back by itself when the server was killed and is back after 3 s: same tracks, same mutes", async () => {
    kept = await KeptRoom.open();
    const { server, session } = kept;
    const voice = await session.publish(kept.capture(440), { name: "voice" });
    await session.publish(kept.capture(1000), { name: "music", muted: true });
    const { sid } = voice.state;
    await server.kill();
    await kept.told("reconnecting");
    expect(session.state.publications.map(({ status }) => status)).toEqual(["waiting", "waiting"]);
    await new Promise((resolve) => setTimeout(resolve, 3000)); // the outage itself
    await server.start();
    await kept.told("reconnected");
    const peer = await kept.peer();
    await kept.seen(peer, { voice: "live", music: "muted" });
    await kept.heard(peer, "voice", 440);
    expect(voice.state).toMatchObject({ status: "live", muted: false });
    expect(voice.state.sid).not.toBe(sid);
    expect([kept.count("connected"), kept.count("reconnected"), kept.count("closed")]).toEqual([1, 1, 0]);
  });

  it("agrees with the server after fifty mutes, unmutes, publishes and unpublishes", async () => {
    kept = await KeptRoom.open();
    const { session } = kept;
    const peer = await kept.peer();
    const capture = kept.capture(440);
    for (let cycle = 0; cycle < 50; cycle += 1) {
      const publication = await session.publish(capture, { name: "cycled" });
      await publication.unpublish();
    }
    expect(capture.openConsumers).toBe(0);
    const voice = await session.publish(capture, { name: "voice" });
    await session.publish(capture, { name: "other" });
    await Promise.all(Array.from({ length: 50 }, (_, index) => voice.setMuted(index % 2 === 0)));
    for (let toggle = 0; toggle < 50; toggle += 1) await voice.setMuted(toggle % 2 === 1);
    await kept.seen(peer, { voice: "muted", other: "live" });
    await kept.heard(peer, "other", 440);
    await voice.setMuted(false);
    await kept.seen(peer, { voice: "live", other: "live" });
    await kept.heard(peer, "voice", 440);
  });
});
