import { setTimeout as sleep } from "node:timers/promises";
import { reportFault } from "@roomtone/testing";
import { expect, it } from "vitest";
import { FarRoom } from "./support/far-room.js";

const cases = ["opus", "rtc"].flatMap((driver) => [2, 120].map((outForS) => [driver, outForS] as const));

/** The code that holds. */
function guardOf(driver: string, outForS: number): string {
  if (outForS === 2) return "nothing has to: less than any patience (without core `recovery.ts` it holds)";
  return driver === "opus" ? "core `recovery.ts` (*tried*)" : "rtc-node (without core `recovery.ts` it holds)";
}

it.concurrent.for(cases)("a room on %s is heard again after %i s in which nothing passed at all", async ([driver, outForS], context) => {
  const room = await FarRoom.open(driver);
  try {
    await room.freshlyHeardMs();
    const told = room.events.length;
    await room.networks.plug(false);
    await sleep(outForS * 1000); // the outage itself
    await room.networks.plug(true);
    const backMs = performance.now();
    const heardMs = await room.freshlyHeardMs();
    await sleep(5000); // what was queued meanwhile, or doubted, has shown by then
    const seen = await room.settled(told);
    expect(seen).not.toContain("closed");
    await room.freshlyHeardMs();
    await reportFault(context, {
      part: "network",
      fault: `nothing passes for ${outForS === 2 ? "2 s" : "2 minutes"}, media and signalling`,
      driver,
      seen: seen.length === 0 ? "nothing" : "`reconnecting`, then `reconnected`",
      lost: "the outage and the time back",
      backMs: [heardMs - backMs],
      guard: guardOf(driver, outForS),
    });
  } finally {
    await room.close();
  }
});
