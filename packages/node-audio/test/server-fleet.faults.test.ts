import type { RoomDriver, RoomEvent, RoomSession } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { joinRoom } from "@roomtone/node-audio";
import { openSignalProxy, reportFault, systemTime, until } from "@roomtone/testing";
import { expect, it } from "vitest";
import { lightDriver } from "./support/light-driver.js";
import { serverOutage } from "./support/outages.js";

const SESSIONS = 200;
const SPREAD_MS = 250;

/** The most of `timesMs` within any `windowMs`. */
function busiest(timesMs: readonly number[], windowMs: number): number {
  return Math.max(...timesMs.map((fromMs) => timesMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + windowMs).length));
}

/** The light driver, and when it was asked to join. */
function timedDriver(askedMs: number[]): RoomDriver {
  const driver = lightDriver();
  return {
    ...driver,
    connect: (options, signal) => {
      askedMs.push(performance.now());
      return driver.connect(options, signal);
    },
  };
}

it("two hundred sessions of one process come back with one join each, spread over 250 ms", async (context) => {
  const server = await startDevServer();
  const proxy = await openSignalProxy(server.url);
  const sessions: RoomSession[] = [];
  const backAtMs: number[] = [];
  const askedMs: number[] = [];
  try {
    const on = { any: (event: RoomEvent) => event.type === "reconnected" && backAtMs.push(performance.now()) };
    for (let index = 0; index < SESSIONS; index += 1) {
      const token = await server.createToken({ identity: "me", roomName: `fleet-${index}` });
      sessions.push(await joinRoom({ url: proxy.url, token }, { driver: timedDriver(askedMs), rejoinSpreadMs: SPREAD_MS, on }));
    }
    await new Promise((resolve) => setTimeout(resolve, 5000)); // long enough to count as stable
    const before = proxy.attempts.length;
    askedMs.length = 0;
    // The proxy refuses as the server does: a machine behind it that is gone.
    proxy.refuse(true);
    proxy.cut();
    await serverOutage(server, 3000);
    const answeredMs = performance.now();
    proxy.refuse(false);
    await until(systemTime(), "all are back", () => backAtMs.length >= SESSIONS, 60_000);
    const joins = proxy.attempts.length - before;
    const within100 = busiest(askedMs, 100);
    expect(joins).toBeLessThan(SESSIONS * 1.5);
    // Evenly spread it would be two fifths of them. (What each session draws is tested in virtual time: here the one process spreads, too.)
    expect(within100).toBeLessThan(SESSIONS * 0.75);
    await reportFault(context, {
      part: "server",
      fault: `killed under ${SESSIONS} sessions of one process, back after 3 s`,
      driver: "any",
      seen: `\`reconnecting\`, then \`reconnected\`: ${joins} joins, at most ${within100} within 100 ms`,
      lost: "the outage and the time back",
      backMs: backAtMs.map((atMs) => atMs - answeredMs),
      guard: "the one process spreads them (without the spread of core `server-probe.ts` it holds: virtual time tests that)",
    });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
    await proxy.close();
    await server.close();
  }
});
