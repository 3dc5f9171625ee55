import { setTimeout as sleep } from "node:timers/promises";
import type { CaptureEvent } from "@roomtone/core";
import { openMicrophone } from "@roomtone/node-audio";
import { reportFault, withVirtualMicrophone } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { withHall } from "./support/hall.js";
import { ToneListener } from "./support/tone-listener.js";

const virtual = withVirtualMicrophone();
const hall = withHall();

describe.each(["opus", "rtc"])("a microphone in a room on %s, when the system's default changes", (driver) => {
  /** The default hears 440 Hz, the headset 1000 Hz, until the headset is made the default: and what a listener hears. */
  async function change(device: string | undefined, options: { readonly device?: string }) {
    const names = ["Headset", ...(device ? [device] : [])];
    for (const name of names) {
      await virtual().addDevice(name);
      hall().lifetime.defer(() => virtual().removeDevice(name, { unloaded: true }));
    }
    hall().lifetime.own(await virtual().playTone(440, device ? { device } : {}), (stop) => stop());
    hall().lifetime.own(await virtual().playTone(1000, { device: "Headset" }), (stop) => stop());
    const microphone = hall().lifetime.own(await openMicrophone(options), (opened) => opened.close());
    const events: CaptureEvent[] = [];
    microphone.on((event) => events.push(event));
    const room = await hall().join("publisher", { driver });
    await room.publish(microphone, { name: "voice", opus: { discontinuousTransmission: false } });
    const listener = await hall().admit("listener", ToneListener.join);
    await listener.hearsMs(440);
    const sid = room.state.publications[0]?.sid;
    hall().lifetime.defer(() => virtual().makeDefault());
    await virtual().makeDefault("Headset");
    const changedMs = performance.now();
    const isSame = () => room.state.publications.every((each) => each.sid === sid && each.status === "live");
    return { listener, events, changedMs, isSame };
  }

  it("follows it where no device was named: same track, and nothing is told", async (context) => {
    const { listener, events, changedMs, isSame } = await change(undefined, {});
    const heardMs = await listener.hearsMs(1000, 20_000, changedMs);
    expect([isSame(), events]).toEqual([true, []]);
    await reportFault(context, {
      part: "device",
      fault: "the system's default device changed, none was named",
      driver,
      seen: "nothing",
      lost: `longest quiet ${Math.round(listener.longestQuietMs(changedMs))} ms`,
      backMs: [heardMs - changedMs],
      guard: "`device/select-device.ts`: the sound system's own `default`, which moves with it",
    });
  });

  it("stays where it is where a device was named", async (context) => {
    const { listener, events, changedMs, isSame } = await change("Desk", { device: "desk" });
    await sleep(2000); // what follows a change has come by then
    const lateMs = performance.now();
    await listener.hearsMs(440, 20_000, lateMs);
    expect([isSame(), events]).toEqual([true, []]);
    await reportFault(context, {
      part: "device",
      fault: "the system's default device changed, another was named",
      driver,
      seen: "nothing",
      lost: `nothing: longest quiet ${Math.round(listener.longestQuietMs(changedMs))} ms`,
      backMs: [],
      guard: "`device/select-device.ts`: by name (*tried*)",
    });
  });
});
