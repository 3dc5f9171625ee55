import { openSignalProxy, reportFault, type SignalProxy, systemTime, until } from "@roomtone/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { FaultRoom, type FaultRoomOptions } from "./support/fault-room.js";
import { withDevServer } from "./support/with-dev-server.js";
import { withLifetime } from "./support/with-lifetime.js";

/** The handshake's answer, the welcome, and what follows it one by one. */
const CHUNKS = [0, 1, 2, 3, 4, 5, 6, 8];

const server = withDevServer();
const lifetime = withLifetime();
let proxy: SignalProxy;
beforeEach(async () => {
  proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
});

/** A room behind the proxy. */
const open = async (driver: string, options: Partial<FaultRoomOptions> = {}) =>
  lifetime().own(await FaultRoom.open({ server: server(), driver, url: proxy.url, ...options }), (room) => room.close());

const heal = async (sinceAttempts: number): Promise<number> => {
  await until(systemTime(), "the connection is cut", () => proxy.attempts.length > sinceAttempts, 20_000);
  await new Promise((resolve) => setTimeout(resolve, 300)); // the phase that is cut
  proxy.cutAfter(undefined);
  proxy.cut();
  return performance.now();
};

describe.each(["opus", "rtc"])("a server that closes the signalling, on %s", (driver) => {
  it("in any phase of joining is joined as soon as it does not", async (context) => {
    const backMs: number[] = [];
    for (const chunks of CHUNKS) {
      proxy.cutAfter(chunks);
      const [room, healedMs] = await Promise.all([open(driver, { joinRetries: 20 }), heal(proxy.attempts.length)]);
      backMs.push((await room.heardWhenBackMs()) - healedMs);
      await room.close();
    }
    await reportFault(context, {
      part: "server",
      fault: "closes after its n-th message of a join or the first publish",
      driver,
      seen: "`warning` for each attempt, or `reconnecting`; then `connected`",
      lost: "",
      backMs,
      guard: "core `room-session.ts`: retries (*tried*)",
    });
  });

  it("in any phase of publishing another track ends up with both", async (context) => {
    const backMs: number[] = [];
    for (const delayMs of [0, 2, 10, 30, 60, 120]) {
      const room = await open(driver);
      const second = room.session.publish(room.capture, { name: "second" });
      await new Promise((resolve) => setTimeout(resolve, delayMs)); // where in the publish it is cut
      proxy.cut();
      const fromMs = performance.now();
      await second;
      backMs.push((await room.heardWhenBackMs()) - fromMs);
      await until(systemTime(), "both are live", () => room.session.state.publications.every(({ status }) => status === "live"), 20_000);
      expect(room.session.state.publications).toHaveLength(2);
      await room.close();
    }
    await reportFault(context, {
      part: "server",
      fault: "closes while a track is published",
      driver,
      seen: "`reconnecting`, then `reconnected`; the publish resolves",
      lost: "nothing of the other track where the session resumes",
      backMs,
      guard: "core `track-loop.ts` (*tried*)",
    });
  });

  it("in any phase of resuming comes back", async (context) => {
    const backMs: number[] = [];
    for (const chunks of CHUNKS.slice(0, 5)) {
      const room = await open(driver);
      const attempts = proxy.attempts.length;
      proxy.cutAfter(chunks);
      proxy.cut();
      const healedMs = await heal(attempts);
      backMs.push((await room.heardWhenBackMs()) - healedMs);
      await until(systemTime(), "the room is connected", () => room.session.state.connection === "connected", 20_000);
      expect(room.count("closed")).toBe(0);
      await room.close();
    }
    await reportFault(context, {
      part: "server",
      fault: "closes after its n-th message of a resume",
      driver,
      seen: "`reconnecting`, then `reconnected`",
      lost: "up to the time back",
      backMs,
      guard: "core `recovery.ts` (*tried*)",
    });
  });
});
