import type { RoomEvent, RoomSession } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { joinRoom } from "@roomtone/node-audio";
import { openSignalProxy, reportFault, systemTime, until } from "@roomtone/testing";
import { expect, it } from "vitest";
import { lightDriver } from "./support/light-driver.js";
import { serverOutage } from "./support/outages.js";

const SESSIONS = 200;

it("two hundred sessions of one process come back with one join each, spread over 250 ms", async (context) => {
  const server = await startDevServer();
  const proxy = await openSignalProxy(server.url);
  const sessions: RoomSession[] = [];
  const backAtMs: number[] = [];
  try {
    const on = { any: (event: RoomEvent) => event.type === "reconnected" && backAtMs.push(performance.now()) };
    for (let index = 0; index < SESSIONS; index += 1) {
      const token = await server.createToken({ identity: "me", roomName: `fleet-${index}` });
      sessions.push(await joinRoom({ url: proxy.url, token }, { driver: lightDriver(), on }));
    }
    await new Promise((resolve) => setTimeout(resolve, 5000)); // long enough to count as stable
    const before = proxy.attempts.length;
    // The proxy refuses as the server does: a machine behind it that is gone.
    proxy.refuse(true);
    proxy.cut();
    const answering = serverOutage(server, 3000);
    const answeredMs = await answering;
    proxy.refuse(false);
    await until(systemTime(), "all are back", () => backAtMs.length >= SESSIONS, 60_000);
    const joins = proxy.attempts.slice(before);
    const perTenth = new Map<number, number>();
    for (const atMs of joins) perTenth.set(Math.floor(atMs / 100), (perTenth.get(Math.floor(atMs / 100)) ?? 0) + 1);
    expect(joins.length).toBeLessThan(SESSIONS * 1.5);
    await reportFault(context, {
      part: "server",
      fault: `killed under ${SESSIONS} sessions of one process, back after 3 s`,
      driver: "any",
      seen: `\`reconnecting\`, then \`reconnected\`: ${joins.length} joins, at most ${Math.max(...perTenth.values())} within 100 ms`,
      lost: "the outage and the time back",
      backMs: backAtMs.map((atMs) => atMs - answeredMs),
      guard: "core `recovery.ts`: the spread",
    });
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
    await proxy.close();
    await server.close();
  }
});
