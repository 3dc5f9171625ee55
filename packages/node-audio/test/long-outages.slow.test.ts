import { setTimeout as sleep } from "node:timers/promises";
import { openSignalProxy, reportFault } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();

describe.each(["opus", "rtc"])("a room on %s", (driver) => {
  it.concurrent("is kept through a proxy that cuts every 10 s for 5 minutes, and is not joined more often than that", async (context) => {
    const proxy = await openSignalProxy(server().url);
    const room = await FaultRoom.open({ server: server(), driver, url: proxy.url });
    try {
      const listener = await room.listener();
      const fromMs = await listener.hearsMs(440);
      for (let cuts = 0; cuts < 30; cuts += 1) {
        await sleep(10_000); // how often it cuts
        proxy.cut();
      }
      const lastMs = performance.now();
      const heardMs = await room.freshlyHeardMs();
      expect(room.count("closed")).toBe(0);
      expect(proxy.attempts.length).toBeLessThan(120);
      await reportFault(context, {
        part: "network",
        fault: "a proxy that cuts the WebSocket every 10 s for 5 minutes",
        driver,
        seen: `\`reconnecting\` and \`reconnected\`, ${room.count("reconnecting")} times`,
        lost: `longest quiet ${Math.round(listener.longestQuietMs(fromMs))} ms`,
        backMs: [heardMs - lastMs],
        guard: "core `recovery.ts`, `backoff.ts`",
      });
    } finally {
      await room.close();
      await proxy.close();
    }
  });
});
