import { reportFault, systemTime, until } from "@roomtone/testing";
import { afterEach, expect, it } from "vitest";
import { FarRoom } from "./support/far-room.js";

let room: FarRoom | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});

it.for(["opus", "rtc"])("a room on %s is heard again when its machine changes its address", async (driver, context) => {
  room = await FarRoom.open(driver);
  await room.freshlyHeardMs();
  const { events } = room;
  const told = events.length;
  await room.networks.changeClientAddress();
  const changedMs = performance.now();
  // libwebrtc finds the new way by itself; werift's ICE does not, and the room is joined anew.
  if (driver === "opus") await until(systemTime(), "the room is back", () => events.lastIndexOf("reconnected") >= told, 30_000);
  const heardMs = await room.freshlyHeardMs();
  const seen = await room.settled(told);
  expect(seen).toEqual(seen.length === 0 ? [] : ["reconnecting", "reconnected"]);
  await reportFault(context, {
    part: "network",
    fault: "the machine's address changed, the one before is gone",
    driver,
    seen: seen.length === 0 ? "nothing" : "`reconnecting`, then `reconnected`",
    lost: "the time back",
    backMs: [heardMs - changedMs],
    guard:
      driver === "opus"
        ? "`opus-driver/media-link.ts`: consent that runs out; or core `liveness.ts` (without the second alone it holds)"
        : "libwebrtc's ICE",
  });
});
