import { setTimeout as sleep } from "node:timers/promises";
import { reportFault } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterAll, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { signalTree } from "./process-tree.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

/** The code that holds, as taken out for 20 s: for so long neither opus-driver `media-consent.ts` nor core `liveness.ts` has to. */
const guards: Readonly<Record<string, string>> = {
  opus: "core `recovery.ts` (*tried* for 20 s)",
  rtc: "rtc-node, or core `recovery.ts` (without the second alone it holds for 20 s)",
};

/** Tests that a room outlasts a sleep of the whole process tree, on each driver: side by side, for they wait. */
export function testSleep(sleepS: number, length: string): void {
  const server = withDevServer();
  afterAll(endAll);

  it.concurrent.for(["opus", "rtc"])(
    `a room on %s is kept when the whole tree sleeps for ${length}, as a laptop does`,
    async (driver, context) => {
      const room = `sleep-${driver}`;
      const access = accessTo(server(), room);
      const run = new Roomtone(["publish", ...access, "--driver", driver, "--input", "tone:440", "--json"], { stdin: "open" });
      await run.event("published");
      const pid = run.process.pid as number;
      await signalTree(pid, "SIGSTOP");
      await sleep(sleepS * 1000); // the sleep itself
      await signalTree(pid, "SIGCONT");
      const fromMs = performance.now();
      const listener = await RawSubscriber.join(server().url, await server().createToken({ identity: "listener", roomName: room }));
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
        guard: guards[driver] ?? "",
      });
    },
  );
}
