import { setTimeout as sleep } from "node:timers/promises";
import { startDevServer } from "@roomtone/dev-server";
import { releaseNatives } from "@roomtone/node-audio";
import { reportFault } from "@roomtone/testing";
import { afterAll, describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { serverOutage } from "./support/outages.js";
import { ReadyListener } from "./support/ready-listener.js";
import { p95, RETURN_BUDGET_MS, type Return, ReturnStage, tellReturns } from "./support/returns.js";

const OUTAGES = 10;
/** A connection that lasts less than five seconds counts as a failed attempt, and the next one waits: see `STABLE_MS` of the session. */
const BETWEEN_OUTAGES_MS = 5500;
/** Of the drivers' outages: the return of one is not to be measured against the other's. */
const APART_MS = 4500;
const ROOMS = 4;

afterAll(() => releaseNatives());

const drivers = ["opus", "rtc", "whip"];

describe("a room whose server is killed", () => {
  it.concurrent.for(drivers)("on %s is heard within a second of its return after 3 s, in 95 of 100 outages", async (driver, context) => {
    const stage = await ReturnStage.open(driver);
    const listener = await ReadyListener.start();
    const returns: Return[] = [];
    try {
      await sleep(drivers.indexOf(driver) * APART_MS);
      for (let outage = 0; outage < OUTAGES; outage += 1) {
        await sleep(BETWEEN_OUTAGES_MS);
        returns.push(await stage.outage(3000, listener));
      }
    } finally {
      await Promise.all([stage.close(), listener.close()]);
    }
    const heardMs = returns.map((each) => each.heardMs);
    await tellReturns(context, `${driver}, back after 3 s`, returns);
    expect(p95(heardMs)).toBeLessThanOrEqual(RETURN_BUDGET_MS);
    await reportFault(context, {
      part: "server",
      fault: "killed, back after 3 s",
      driver,
      seen: "`reconnecting`, then `reconnected`",
      lost: "the outage and the time back",
      backMs: heardMs,
      guard: driver === "rtc" ? "core `recovery.ts` (*tried*), `server-probe.ts`" : "core `server-probe.ts`, `recovery.ts` (both *tried*)",
    });
  });
});

describe.each(drivers)("four rooms on %s whose server is killed", (driver) => {
  it("are all heard again when it is back after 1 s", async (context) => {
    const server = await startDevServer();
    const rooms = await Promise.all(Array.from({ length: ROOMS }, () => FaultRoom.open({ server, driver })));
    try {
      const answeredMs = await serverOutage(server, 1000);
      const heardMs = await Promise.all(rooms.map((room) => room.freshlyHeardMs()));
      for (const room of rooms) expect([room.rejoins, room.count("closed"), room.session.state.connection]).toEqual([1, 0, "connected"]);
      await reportFault(context, {
        part: "server",
        fault: "killed, back after 1 s",
        driver,
        seen: "`reconnecting`, then `reconnected`",
        lost: "the outage and the time back",
        backMs: heardMs.map((atMs) => atMs - answeredMs),
        guard: "core `recovery.ts` (*tried*), `server-probe.ts`",
      });
    } finally {
      await Promise.all(rooms.map((room) => room.close()));
      await server.close();
    }
  });
});
