import { setTimeout as sleep } from "node:timers/promises";
import { Lifetime } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { releaseNatives } from "@roomtone/node-audio";
import { relayServer, reportFault } from "@roomtone/testing";
import { afterAll, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";

afterAll(releaseNatives);

it.concurrent.for(["opus", "rtc"])(
  "a room on %s is heard again after two minutes in which media did not pass though it was connected",
  async (driver, context) => {
    const lifetime = new Lifetime();
    try {
      const server = lifetime.own(await startDevServer({ iceLite: true }), (opened) => opened.close());
      const network = lifetime.own(await relayServer({ url: server.url, ports: server.ports }), (opened) => opened.close());
      const room = lifetime.own(await FaultRoom.open({ server, driver, url: network.url }), (opened) => opened.close());
      for (const way of [network.up, network.down]) way.change({ cut: true });
      await sleep(120_000); // the outage itself
      // It joins again and again, for the signalling lives: at any one moment it may be in the room, unheard.
      expect(room.count("reconnecting")).toBeGreaterThan(0);
      for (const way of [network.up, network.down]) way.change({ cut: false });
      const fromMs = performance.now();
      const heardMs = await room.heardWhenBackMs();
      expect(room.count("closed")).toBe(0);
      await reportFault(context, {
        part: "network",
        fault: "media cut for 2 minutes, signalling alive",
        driver,
        seen: `\`reconnecting\`, ${room.count("reconnected")} times \`reconnected\``,
        lost: "the outage and the time back",
        backMs: [heardMs - fromMs],
        guard: driver === "opus" ? "core `track-liveness.ts` (*tried*)" : "rtc-node (without core `track-liveness.ts` it holds)",
      });
    } finally {
      await lifetime.close();
    }
  },
);
