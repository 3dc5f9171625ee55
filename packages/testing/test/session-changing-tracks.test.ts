import { describe, expect, it } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

describe("a change of a live track", () => {
  it("replaces the capture on the same track", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const [before, after] = [test.capture(440), test.capture(1000)];
    const publication = await test.clock.run(room.publish(before, { name: "voice" }));
    const { sid } = publication.state;
    await test.clock.run(publication.replace(after));
    expect(publication.state.sid).toBe(sid);
    await test.clock.advance(300);
    expect([before.openConsumers, after.openConsumers]).toEqual([0, 1]);
    before.finish();
    await test.clock.advance(300);
    expect(test.published()).toEqual({ voice: "live" });
    after.finish();
    expect(await test.clock.run(publication.ended)).toEqual({ reason: "source-ended" });
    await test.leave();
  });

  it("replaces by publishing anew, with the same name and mute, where the driver cannot", async () => {
    const test = new RoomUnderTest({ replace: false });
    const room = await test.join();
    const after = test.capture(1000);
    const publication = await test.clock.run(room.publish(test.capture(440), { name: "voice", muted: true }));
    await test.clock.run(publication.replace(after));
    expect(test.published()).toEqual({ voice: "muted" });
    expect(after.openConsumers).toBe(1);
    await test.leave();
  });

  it.each([true, false])("keeps what was live when a replacement is refused (driver replaces: %s)", async (replace) => {
    const test = new RoomUnderTest({ replace });
    const room = await test.join();
    const before = test.capture();
    const publication = await test.clock.run(room.publish(before, { name: "voice" }));
    const unfit = { ...test.capture(), frames: undefined, source: { kind: "custom", label: "unfit" } } as never;
    await expect(test.clock.run(publication.replace(unfit))).rejects.toMatchObject({ code: "unsupported" });
    await test.clock.advance(300);
    expect(test.published()).toEqual({ voice: "live" });
    expect(before.openConsumers).toBe(1);
    await test.leave();
  });

  it("keeps the last word of two overlapping replacements, though the first is refused", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "replace" ? { delayMs: 50 } : undefined) });
    const room = await test.join();
    const last = test.capture(1000);
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    const unfit = { ...test.capture(), frames: undefined, source: { kind: "custom", label: "unfit" } } as never;
    const refused = expect(publication.replace(unfit)).rejects.toMatchObject({ code: "unsupported" });
    await test.clock.advance(10);
    await test.clock.run(publication.replace(last));
    await refused;
    expect(last.openConsumers).toBe(1);
    await test.leave();
  });

  it("goes on with the settings it had where those asked for in an outage are refused after it", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    test.server.stop();
    await publication.reconfigure({ bitrateBps: 64_000 });
    let refusals = 0;
    test.driver.faults = ({ kind }) => (kind === "publish" && refusals++ === 0 ? { fail: "unsupported" } : undefined);
    await test.clock.advance(100);
    test.server.start();
    await test.clock.advance(2000);
    expect(test.published()).toEqual({ voice: "live" });
    expect(test.all("warning").at(-1)?.error).toMatchObject({ code: "unsupported" });
    await test.leave();
  });

  it("refuses Opus settings out of range before the driver is asked", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    await expect(room.publish(test.capture(), { opus: { complexity: 11 } })).rejects.toMatchObject({ code: "invalid-settings" });
    const publication = await test.clock.run(room.publish(test.capture(), { opus: { bitrateBps: 24_000 } }));
    await expect(publication.reconfigure({ application: "restricted-lowdelay", forwardErrorCorrection: true })).rejects.toMatchObject({
      code: "invalid-settings",
    });
    await test.clock.run(publication.reconfigure({ bitrateBps: 64_000 }));
    await test.leave();
  });

  it("says unsupported where the driver cannot reconfigure, and goes on with what it had", async () => {
    const test = new RoomUnderTest({ reconfigure: false });
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    await expect(test.clock.run(publication.reconfigure({ bitrateBps: 64_000 }))).rejects.toMatchObject({ code: "unsupported" });
    expect(test.published()).toEqual({ voice: "live" });
    await test.leave();
  });

  it("publishes the track anew for another number of channels: same name and mute, another SID", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice", muted: true }));
    const before = publication.state.sid;
    await test.clock.run(publication.reconfigure({ channels: 2 }));
    expect(test.published()).toEqual({ voice: "muted" });
    expect(publication.state).toMatchObject({ status: "live", muted: true, sid: test.serverTracks()[0]?.sid });
    expect(publication.state.sid).not.toBe(before);
    await test.clock.run(publication.reconfigure({ bitrateBps: 64_000 }));
    expect(test.all("warning")).toEqual([]);
    await test.leave();
  });

  it("goes on with the number of channels it had where publishing anew is refused, and says so", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    let refusals = 0;
    test.driver.faults = ({ kind }) => (kind === "publish" && refusals++ === 0 ? { fail: "unsupported" } : undefined);
    await expect(test.clock.run(publication.reconfigure({ channels: 2 }))).rejects.toMatchObject({ code: "unsupported" });
    expect(test.published()).toEqual({ voice: "live" });
    await test.leave();
  });
});
