import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { releaseNatives } from "@roomtone/node-audio";
import { openSignalProxy, reportFault, type SignalProxy, systemTime, until } from "@roomtone/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";

/** The handshake's answer, the welcome, and what follows it one by one. */
const CHUNKS = [0, 1, 2, 3, 4, 5, 6, 8];

let server: DevServer;
let proxy: SignalProxy;
let room: FaultRoom | undefined;
beforeAll(async () => {
  server = await startDevServer();
});
afterAll(async () => {
  await server?.close();
  await releaseNatives();
});
beforeEach(async () => {
  proxy = await openSignalProxy(server.url);
});
afterEach(async () => {
  await room?.close();
  room = undefined;
  await proxy.close();
});

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
      const opening = FaultRoom.open({ server, driver, url: proxy.url, joinRetries: 20 });
      const [opened, healedMs] = await Promise.all([opening, heal(proxy.attempts.length)]);
      room = opened;
      backMs.push((await opened.heardWhenBackMs()) - healedMs);
      await opened.close();
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
      const opened = await FaultRoom.open({ server, driver, url: proxy.url });
      room = opened;
      const second = opened.session.publish(opened.capture, { name: "second" });
      await new Promise((resolve) => setTimeout(resolve, delayMs)); // where in the publish it is cut
      proxy.cut();
      const fromMs = performance.now();
      await second;
      backMs.push((await opened.heardWhenBackMs()) - fromMs);
      await until(systemTime(), "both are live", () => opened.session.state.publications.every(({ status }) => status === "live"), 20_000);
      expect(opened.session.state.publications).toHaveLength(2);
      await opened.close();
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
      const opened = await FaultRoom.open({ server, driver, url: proxy.url });
      room = opened;
      const attempts = proxy.attempts.length;
      proxy.cutAfter(chunks);
      proxy.cut();
      const healedMs = await heal(attempts);
      backMs.push((await opened.heardWhenBackMs()) - healedMs);
      await until(systemTime(), "the room is connected", () => opened.session.state.connection === "connected", 20_000);
      expect(opened.count("closed")).toBe(0);
      await opened.close();
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
