import { setTimeout as sleep } from "node:timers/promises";
import { reportFault } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { firstAnswerMs } from "./support/outages.js";
import { withDevServer } from "./support/with-dev-server.js";

/** Each fault has a server of its own: they pass side by side. */
const servers = { 3: withDevServer(), 60: withDevServer(), drained: withDevServer() };

describe.each(["opus", "rtc"])("a room on %s", (driver) => {
  it.concurrent.for([3, 60] as const)("is heard again after its server stood still for %i s", async (frozenForS, context) => {
    const server = servers[frozenForS]();
    const room = await FaultRoom.open({ server, driver });
    try {
      await server.signal("SIGSTOP");
      await sleep(frozenForS * 1000); // the freeze itself
      await server.signal("SIGCONT");
      const thawedMs = await firstAnswerMs(server.httpUrl);
      const heardMs = await room.heardWhenBackMs();
      await sleep(5000); // what was queued in the freeze, a ghost among it, has come by then
      const later = await room.heardWhenBackMs();
      expect(later).toBeGreaterThan(heardMs);
      expect([room.count("closed"), room.session.state.connection]).toEqual([0, "connected"]);
      const resumed = room.events.some((event) => event.type === "reconnected" && event.resumed);
      await reportFault(context, {
        part: "server",
        fault: `frozen for ${frozenForS} s`,
        driver,
        seen:
          room.count("reconnecting") === 0 ? "nothing" : `\`reconnecting\`, then \`reconnected\` (${resumed ? "resumed" : "joined anew"})`,
        lost: "the freeze",
        backMs: [heardMs - thawedMs],
        guard:
          frozenForS === 3
            ? "nothing has to: less than any patience"
            : "what the driver tells, or core `track-liveness.ts` (without either alone it holds)",
      });
    } finally {
      await room.close();
    }
  });

  it.concurrent("comes back after its server was drained and another is at its place", async (context) => {
    const server = servers.drained();
    const room = await FaultRoom.open({ server, driver });
    try {
      await server.signal("SIGTERM"); // waits for its participants to leave; the second one does not
      await server.kill("SIGTERM");
      await sleep(3000); // the outage itself
      const [answeredMs] = await Promise.all([firstAnswerMs(server.httpUrl), server.start()]);
      const heardMs = await room.freshlyHeardMs();
      expect(room.count("closed")).toBe(0);
      await reportFault(context, {
        part: "server",
        fault: "drained, another there after 3 s",
        driver,
        seen: "`reconnecting`, then `reconnected`",
        lost: "the outage and the time back",
        backMs: [heardMs - answeredMs],
        guard: driver === "rtc" ? "core `room-ending.ts`: a shutdown is not final (*tried*)" : "core `recovery.ts` (*tried*)",
      });
    } finally {
      await room.close();
    }
  });
});
