import { describe, expect, it } from "vitest";
import { both, published } from "./published-room.js";
import { RoomUnderTest } from "./room-under-test.js";

describe("liveness", () => {
  it("builds a new connection when packets go out and none arrives for three seconds", async () => {
    const { test } = await published();
    await test.clock.advance(5000);
    const [first, forgottenMs] = [test.connection, test.clock.nowMs()];
    test.server.forget(first.participant);
    await test.clock.advance(8000);
    expect(test.driver.connections).toHaveLength(2);
    expect((test.driver.connectTimesMs[1] ?? 0) - forgottenMs).toBeLessThan(6500);
    expect(test.published()).toEqual(both);
    expect(test.all("reconnecting")).toHaveLength(1);
    await test.leave();
  });

  it("builds a new connection when audio goes in and no packet out, though the connection says nothing", async () => {
    const { test } = await published();
    await test.clock.advance(5000);
    test.driver.network = { packetsSent: 0, arrivedMark: 0 };
    await test.clock.advance(8000);
    test.driver.network = {};
    await test.clock.advance(2000);
    expect(test.driver.connections).toHaveLength(2);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("keeps the connection when media arrives again after a freeze", async () => {
    const { test } = await published();
    await test.clock.advance(5000);
    test.server.freeze();
    await test.clock.advance(5000);
    expect(test.session.state.connection).toBe("reconnecting");
    test.server.thaw();
    await test.clock.advance(5000);
    expect(test.session.state.connection).toBe("connected");
    expect(test.driver.connections).toHaveLength(1);
    expect(test.all("reconnected")[0]).toMatchObject({ resumed: true });
    await test.leave();
  });

  it("leaves the last word to the driver where it notices the trouble, too", async () => {
    const { test } = await published();
    await test.clock.advance(5000);
    test.server.freeze();
    await test.clock.advance(8000);
    test.connection.interrupt();
    test.server.thaw();
    await test.clock.advance(2500);
    test.connection.resume();
    await test.clock.advance(5000);
    expect(test.driver.connections).toHaveLength(1);
    expect(test.all("reconnected")).toHaveLength(1);
    await test.leave();
  });

  it("never acts on a muted track, nor on one that sends nothing", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const [muted, silent] = [test.capture(), test.capture()];
    await test.clock.run(room.publish(muted, { name: "muted", muted: true }));
    await test.clock.run(room.publish(silent, { name: "silent" }));
    silent.pause();
    test.server.forget(test.connection.participant);
    await test.clock.advance(60_000);
    expect(test.driver.connections).toHaveLength(1);
    await test.leave();
  });

  it("does not rebuild in a tight loop where nothing is ever seen to arrive", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    for (let second = 0; second < 300; second += 1) {
      if (test.connection.isOpen) test.connection.participant.room.participants.get("me")?.tracks.clear();
      await test.clock.advance(1000);
    }
    expect(test.driver.connections.length).toBeLessThan(12);
    await test.leave();
  });
});
