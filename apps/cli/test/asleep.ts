import { setTimeout as sleep } from "node:timers/promises";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { reportFault } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterAll, beforeAll, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { signalTree } from "./process-tree.js";
import { endAll, Roomtone } from "./roomtone.js";

/** Tests that a room outlasts a sleep of the whole process tree, on each driver: side by side, for they wait. */
export function testSleep(sleepS: number, length: string): void {
  let server: DevServer;
  beforeAll(async () => {
    server = await startDevServer();
  });
  afterAll(async () => {
    await endAll();
    await server?.close();
  });

  it.concurrent.for(["opus", "rtc"])(
    `a room on %s is kept when the whole tree sleeps for ${length}, as a laptop does`,
    async (driver, context) => {
      const room = `sleep-${driver}`;
      const access = accessTo(server, room);
      const run = new Roomtone(["publish", ...access, "--driver", driver, "--input", "tone:440", "--json"], { stdin: "open" });
      await run.event("published");
      const pid = run.process.pid as number;
      await signalTree(pid, "SIGSTOP");
      await sleep(sleepS * 1000); // the sleep itself
      await signalTree(pid, "SIGCONT");
      const fromMs = performance.now();
      const listener = await RawSubscriber.join(server.url, await server.createToken({ identity: "listener", roomName: room }));
      await run.until("a listener hears it", () => listener.packets.length > 10);
      const backMs = performance.now() - fromMs;
      await listener.leave();
      expect(run.events.some(({ event }) => event === "closed" || event === "error")).toBe(false);
      expect(await run.end("SIGTERM")).toMatchObject({ code: 0 });
      await reportFault(context, {
        part: "machine",
        fault: `sleep: the whole tree stopped for ${length}`,
        driver,
        seen: "`reconnecting`, `reconnected`",
        lost: "the sleep",
        backMs: [backMs],
        guard: driver === "opus" ? "opus-driver `media-consent.ts`, core `liveness.ts`" : "core `recovery.ts`, `liveness.ts`",
      });
    },
  );
}
