import type { RoomEvent, RoomState } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

describe("callbacks", () => {
  it("see the state as it is after their event", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const seen: Array<[string, RoomState]> = [];
    room.on({ any: (event) => void seen.push([event.type, room.state]) });
    const publication = await test.clock.run(room.publish(test.capture()));
    await publication.setMuted(true);
    test.server.stop();
    await test.clock.advance(500);
    test.server.start();
    await test.clock.advance(1000);
    await test.leave();
    expect(seen.map(([type, state]) => [type, state.connection, state.publications[0]?.status, state.publications[0]?.muted])).toEqual([
      ["published", "connected", "live", false],
      ["muted", "connected", "live", true],
      ["reconnecting", "reconnecting", "waiting", true],
      ["reconnected", "connected", "publishing", true],
      ["published", "connected", "live", true],
      ["closed", "closed", undefined, undefined],
    ]);
  });

  it("get snapshots: an earlier state does not change", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const before = room.state;
    const text = JSON.stringify(before);
    await test.clock.run(room.publish(test.capture()));
    expect(room.state).not.toBe(before);
    expect(JSON.stringify(before)).toBe(text);
    await test.leave();
  });

  it("that throw become a warning to the others, and end nothing", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const thrower = (): never => {
      throw new Error("a fault in a callback");
    };
    const remove = room.on({ published: thrower, warning: thrower });
    const removeAsync = room.on({ muted: async () => thrower() });
    const publication = await test.clock.run(room.publish(test.capture()));
    await publication.setMuted(true);
    await test.clock.settle();
    expect(test.all("warning")).toMatchObject([{ error: { code: "internal" } }, { error: { code: "internal" } }]);
    expect(publication.state).toMatchObject({ status: "live", muted: true });
    remove();
    removeAsync();
    await test.leave();
  });

  it("hear what they cause themselves after everybody has heard what caused it", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture()));
    const heard: string[] = [];
    room.on({ muted: () => void publication.setMuted(false), any: (event) => void heard.push(`first ${event.type}`) });
    room.on({ any: (event) => void heard.push(`second ${event.type}`) });
    await publication.setMuted(true);
    expect(heard).toEqual(["first muted", "second muted", "first unmuted", "second unmuted"]);
    await test.leave();
  });

  it("stop when removed, and after the room's end", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const heard: RoomEvent[] = [];
    const remove = room.on({ any: (event) => void heard.push(event) });
    remove();
    remove();
    await test.clock.run(room.publish(test.capture()));
    expect(heard).toEqual([]);
    await test.leave();
  });

  it("may close the room from within", async () => {
    const test = new RoomUnderTest();
    const room = await test.join({ on: { published: () => void room.close() } });
    room.publish(test.capture()).catch(() => {});
    expect(await test.clock.run(room.closed)).toEqual({ reason: "left" });
    await test.clock.advance(200);
    test.expectNothingLeft();
  });
});
