import { setTimeout as sleep } from "node:timers/promises";
import type { RoomEvent } from "@roomtone/core";
import { openMicrophone } from "@roomtone/node-audio";
import { reportFault, withVirtualMicrophone } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { withHall } from "./support/hall.js";
import { ToneListener } from "./support/tone-listener.js";

const virtual = withVirtualMicrophone();
const hall = withHall();

describe.each(["opus", "rtc"])("a microphone in a room on %s", (driver) => {
  it.for([true, false])("that hears nothing for 12 s stays as it is, and is heard at once when it does: DTX %s", async (dtx, context) => {
    const stop = await virtual().playTone(440);
    const microphone = hall().lifetime.own(await openMicrophone(), (opened) => opened.close());
    const captureEvents: string[] = [];
    microphone.on(({ type }) => captureEvents.push(type));
    const roomEvents: RoomEvent[] = [];
    const room = await hall().join("publisher", { driver, on: { any: (event) => roomEvents.push(event) } });
    await room.publish(microphone, { name: "voice", opus: { discontinuousTransmission: dtx } });
    const listener = await hall().admit("listener", ToneListener.join);
    await listener.hearsMs(440);
    const { sid } = room.state.publications[0] ?? {};
    await stop();
    await sleep(12_000); // the silence itself, longer than any patience
    const spoken = performance.now();
    hall().lifetime.own(await virtual().playTone(440), (stopAgain) => stopAgain());
    const heardMs = await listener.hearsMs(440, 20_000, spoken);
    expect(room.state.publications.map((publication) => [publication.sid, publication.status])).toEqual([[sid, "live"]]);
    expect(captureEvents).toEqual([]);
    expect(roomEvents.filter(({ type }) => ["reconnecting", "publication-lost", "closed"].includes(type))).toEqual([]);
    await reportFault(context, {
      part: "device",
      fault: `silence for 12 s, ${dtx ? "with" : "without"} DTX`,
      driver,
      seen: "nothing",
      lost: "nothing",
      backMs: [heardMs - spoken],
      guard: driver === "opus" || dtx ? "core `liveness.ts`: its patience (*tried*)" : "nothing has to: silence is sent as sound is",
    });
  });
});
