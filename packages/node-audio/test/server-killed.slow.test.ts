import { setTimeout as sleep } from "node:timers/promises";
import { releaseNatives } from "@roomtone/node-audio";
import { reportFault } from "@roomtone/testing";
import { afterAll, expect, it } from "vitest";
import { ReadyListener } from "./support/ready-listener.js";
import { p95, RETURN_BUDGET_MS, ReturnStage, tellReturns } from "./support/returns.js";

const OUTAGES = 4;
/** So far apart are the returns: one is not to be measured against another. */
const APART_MS = 2500;
/** After so long the server is asked less often, up to every 5 s: `QUICK_FOR_MS`, `SLOW_MOST_MS` of core's `server-probe.ts`. */
const SLOW_PROBES_FROM_S = 65;
const SLOW_PROBE_MS = 5000;

afterAll(() => releaseNatives());

const cases = ["opus", "rtc", "whip"].flatMap((driver) => [20, 60, 75].map((goneForS) => [driver, goneForS] as const));
it.for(cases)(
  "on %s a room whose server is killed is heard within a second of its return, or of the next probe, after %i s",
  async ([driver, goneForS], context) => {
    const stages = await Promise.all(Array.from({ length: OUTAGES }, () => ReturnStage.open(driver)));
    const listeners = await Promise.all(stages.map(() => ReadyListener.start()));
    const budgetMs = RETURN_BUDGET_MS + (goneForS > SLOW_PROBES_FROM_S ? SLOW_PROBE_MS : 0);
    try {
      const returns = await Promise.all(
        stages.map(async (stage, index) => {
          await sleep(index * APART_MS);
          return stage.outage(goneForS * 1000, listeners[index] as ReadyListener);
        }),
      );
      const heardMs = returns.map((each) => each.heardMs);
      await tellReturns(context, `${driver}, back after ${goneForS} s`, returns);
      expect(p95(heardMs)).toBeLessThanOrEqual(budgetMs);
      await reportFault(context, {
        part: "server",
        fault: `killed, back after ${goneForS} s`,
        driver,
        seen: "`reconnecting`, then `reconnected`",
        lost: "the outage and the time back",
        backMs: heardMs,
        guard: "core `server-probe.ts`, `recovery.ts` (both *tried* for 20 s)",
      });
    } finally {
      await Promise.all([...stages, ...listeners].map((each) => each.close()));
    }
  },
);
