import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { releaseNatives } from "@roomtone/node-audio";
import { reportFault } from "@roomtone/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { serverOutage } from "./support/outages.js";

const ROOMS = 4;

/** Each outage has a server of its own: they pass side by side. */
describe.each(["opus", "rtc", "whip"])("rooms on %s whose server is killed", (driver) => {
  const servers = new Map<number, DevServer>();
  const outages = [1, 3, 20, 60, 75];
  beforeAll(async () => {
    for (const goneForS of outages) servers.set(goneForS, await startDevServer());
  });
  afterAll(async () => {
    await Promise.all([...servers.values()].map((server) => server.close()));
    await releaseNatives();
  });

  it.concurrent.for(outages)("are heard again by a fresh listener when it is back after %i s", async (goneForS, context) => {
    const server = servers.get(goneForS) as DevServer;
    const rooms = await Promise.all(Array.from({ length: ROOMS }, () => FaultRoom.open({ server, driver })));
    try {
      const answeredMs = await serverOutage(server, goneForS * 1000);
      const heardMs = await Promise.all(rooms.map((room) => room.freshlyHeardMs()));
      for (const room of rooms)
        expect([room.count("reconnected"), room.count("closed"), room.session.state.connection]).toEqual([1, 0, "connected"]);
      await reportFault(context, {
        part: "server",
        fault: `killed, back after ${goneForS} s`,
        driver,
        seen: "`reconnecting`, then `reconnected`",
        lost: "the outage and the time back",
        backMs: heardMs.map((atMs) => atMs - answeredMs),
        guard: "core `server-probe.ts`, `recovery.ts`",
      });
    } finally {
      await Promise.all(rooms.map((room) => room.close()));
    }
  });
});
