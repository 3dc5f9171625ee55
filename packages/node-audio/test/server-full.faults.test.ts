import { setTimeout as sleep } from "node:timers/promises";
import { openSignalProxy, reportFault } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { createModerator, createRoom } from "./support/moderator.js";
import { ToneListener } from "./support/tone-listener.js";
import { withDevServer } from "./support/with-dev-server.js";
import { withLifetime } from "./support/with-lifetime.js";

const server = withDevServer();
const lifetime = withLifetime();

describe.each(["opus", "rtc"])("a room on %s", (driver) => {
  it("that is full is server-full at the first join, and no place is taken", async (context) => {
    const roomName = `full-at-first-${driver}`;
    await createRoom(server(), roomName, { max_participants: 1 });
    const token = await server().createToken({ identity: "there", roomName });
    lifetime().own(await ToneListener.join(server().url, token), (there) => there.leave());
    const failure = await FaultRoom.joined({ server: server(), driver, roomName, joinRetries: 0 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "server-full" });
    await reportFault(context, {
      part: "server",
      fault: "the room is full at the first join",
      driver,
      seen: "`server-full`",
      lost: "",
      backMs: [],
      guard: driver === "opus" ? "`opus-driver/refusals.ts` (*tried*)" : "`rtc-driver/preflight.ts` (*tried*)",
    });
  });

  it("that is full when it comes back waits for a place, and takes it", async (context) => {
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    const options = { server: server(), driver, url: proxy.url, roomName: `full-when-back-${driver}` };
    const room = lifetime().own(await FaultRoom.open(options), (opened) => opened.close());
    proxy.refuse(true);
    proxy.cut();
    await server().kill();
    await server().start();
    await createRoom(server(), room.roomName, { max_participants: 2 });
    const listener = await room.listener();
    const token = await server().createToken({ identity: "stranger", roomName: room.roomName });
    const stranger = await ToneListener.join(server().url, token);
    proxy.refuse(false);
    await sleep(4000); // so long the room is full
    expect([room.count("reconnected"), room.count("closed")]).toEqual([0, 0]);
    expect(proxy.attempts.length).toBeGreaterThan(1);
    // Removed, for the server keeps a place some 20 s for who only went.
    await createModerator(server()).remove(room.roomName, "stranger");
    const fromMs = performance.now();
    await stranger.leave();
    const heardMs = await listener.hearsMs(440, 60_000, fromMs);
    expect(room.count("closed")).toBe(0);
    await reportFault(context, {
      part: "server",
      fault: "the room is full when the publisher comes back, for 4 s",
      driver,
      seen: "`reconnecting`, then `reconnected`",
      lost: "the outage and the time back",
      backMs: [heardMs - fromMs],
      guard: "core `connector.ts`: a full server is worth waiting for (*tried*)",
    });
  });
});
