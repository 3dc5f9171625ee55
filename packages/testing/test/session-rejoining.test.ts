import { describe, expect, it } from "vitest";
import { both, published } from "./published-room.js";
import { RoomUnderTest } from "./room-under-test.js";

describe("rejoining", () => {
  it("goes where the server sends it, once, and back where nothing answers there", async () => {
    const { test } = await published();
    test.server.forget(test.connection.participant);
    test.connection.end("rejoin-requested", "ws://elsewhere.test");
    await test.clock.advance(5000);
    expect(test.driver.urls).toEqual([test.server.url, "ws://elsewhere.test", test.server.url]);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it.each([
    ["duplicate-identity", "duplicate-identity"],
    ["participant-removed", "participant-removed"],
    ["room-deleted", "room-deleted"],
    ["token-refused", "token-invalid"],
  ] as const)("ends for good with %s, and says why", async (reason, code) => {
    const { test, room, voice } = await published();
    test.server.forget(test.connection.participant);
    test.connection.end(reason);
    expect(await test.clock.run(room.closed)).toMatchObject({ reason, error: { code } });
    expect(room.state).toMatchObject({ connection: "closed", closed: { reason }, publications: [] });
    expect(test.events.at(-1)).toMatchObject({ type: "closed" });
    expect(await voice.ended).toMatchObject({ reason: "room-closed", error: { code } });
    await test.clock.advance(60_000);
    test.expectNothingLeft();
  });

  it("lets an eviction by our own ghost earn one rejoin, and holds a second one for somebody else", async () => {
    const { test, room } = await published({ ghostAfterMs: 3000 });
    test.server.stop();
    await test.clock.advance(1000);
    test.server.start();
    await test.clock.advance(1000);
    expect(test.published()).toEqual(both);
    await test.clock.advance(3000);
    expect(test.driver.connections).toHaveLength(3);
    expect(test.published()).toEqual(both);
    test.server.admit(test.token(), false, { tell: () => {}, mutedByServer: () => {}, end: () => {}, wire: () => {} });
    expect(await test.clock.run(room.closed)).toMatchObject({ reason: "duplicate-identity" });
    test.server.forget(test.server.participant("room", "me") ?? test.connection.participant);
    await test.clock.advance(1000);
    test.expectNothingLeft();
  });

  it("takes an eviction after an attempt that failed for that attempt's ghost, once", async () => {
    const { test, room } = await published();
    let toFail = 1;
    test.driver.faults = ({ kind }) => (kind === "connect" && toFail-- > 0 ? { fail: "server-unreachable" } : undefined);
    test.server.forget(test.connection.participant);
    test.connection.end("connection-lost");
    await test.clock.advance(3000);
    expect(test.driver.connectTimesMs).toHaveLength(3);
    test.server.forget(test.connection.participant);
    test.connection.end("duplicate-identity");
    await test.clock.advance(3000);
    expect(test.driver.connectTimesMs).toHaveLength(4);
    expect(test.published()).toEqual(both);
    test.server.forget(test.connection.participant);
    test.connection.end("duplicate-identity");
    expect(await test.clock.run(room.closed)).toMatchObject({ reason: "duplicate-identity" });
    await test.clock.advance(60_000);
    test.expectNothingLeft();
  });

  it("joins again where such a ghost evicts an attempt before it is in", async () => {
    const { test } = await published();
    const failures = ["server-unreachable", "duplicate-identity"] as const;
    let failed = 0;
    test.driver.faults = ({ kind }) => {
      const fail = kind === "connect" ? failures[failed++] : undefined;
      return fail && { fail };
    };
    test.server.forget(test.connection.participant);
    test.connection.end("connection-lost");
    await test.clock.advance(5000);
    expect(failed).toBe(3);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("holds an eviction more than a minute after an abandoned connection for somebody else", async () => {
    const { test, room } = await published();
    test.server.stop();
    await test.clock.advance(1000);
    test.server.start();
    await test.clock.advance(62_000);
    test.connection.end("duplicate-identity");
    expect(await test.clock.run(room.closed)).toMatchObject({ reason: "duplicate-identity" });
  });

  it("backs off between failed joins, though the server answers each probe", async () => {
    const { test } = await published({ random: () => 0.999 });
    test.driver.faults = ({ kind }) => (kind === "connect" ? { fail: "server-unreachable" } : undefined);
    test.server.forget(test.connection.participant);
    test.connection.end("connection-lost");
    await test.clock.advance(60_000);
    const times = test.driver.connectTimesMs.slice(1);
    const gaps = times.slice(1).map((timeMs, index) => Math.round((timeMs - (times[index] ?? 0)) / 10) * 10);
    // The first pause is the double: a connection that ended so young counts as a failure.
    expect(gaps.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
    expect(test.all("reconnecting").map((event) => event.attempt)).toEqual(times.map((_, index) => index + 1).concat(times.length + 1));
    test.driver.faults = () => undefined;
    await test.clock.advance(6000);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("does not storm a server that lets it in and drops it at once", async () => {
    const { test } = await published();
    for (let second = 0; second < 600; second += 1) {
      if (test.connection.isOpen) {
        test.server.forget(test.connection.participant);
        test.connection.end("connection-lost");
      }
      await test.clock.advance(100);
    }
    expect(test.driver.connections.length).toBeLessThan(30);
    await test.clock.advance(10_000);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it.each([0, 2])("gives up after %i retries, each with its time, where the server does not come back", async (rejoinRetries) => {
    const { test, room } = await published({}, { rejoinRetries });
    test.server.stop();
    const closed = await test.clock.run(room.closed);
    expect(closed).toMatchObject({ reason: "server-unreachable", error: { code: "server-unreachable" } });
    expect(test.driver.connections).toHaveLength(1);
    expect(test.all("reconnecting")).toHaveLength(rejoinRetries + 1);
    test.expectNothingLeft();
  });

  it("gives up after its retries where each join fails", async () => {
    const { test, room } = await published({}, { rejoinRetries: 2 });
    test.driver.faults = ({ kind }) => (kind === "connect" ? { fail: "server-full" } : undefined);
    test.connection.end("server-shutdown");
    expect(await test.clock.run(room.closed)).toMatchObject({ reason: "room-refused", error: { code: "server-full" } });
    expect(test.driver.connectTimesMs).toHaveLength(1 + 3);
  });

  it("waits for a server that refuses it for a while: a proxy answers so while the server behind it is replaced", async () => {
    const { test, room } = await published();
    let refusals = 0;
    test.driver.faults = ({ kind }) => (kind === "connect" && refusals++ < 3 ? { fail: "room-refused" } : undefined);
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    await test.clock.advance(10_000);
    expect(refusals).toBe(4);
    expect(test.published()).toEqual(both);
    expect(room.state.connection).toBe("connected");
    await test.leave();
  });

  it("ends where a refusal says that it does not pass, and waits at the first join where one says that it does", async () => {
    const { test, room } = await published();
    test.driver.faults = ({ kind }) => (kind === "connect" ? { fail: "room-refused", retryable: false } : undefined);
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    expect(await test.clock.run(room.closed)).toMatchObject({ reason: "room-refused", error: { code: "room-refused" } });
    const another = new RoomUnderTest();
    let refusals = 0;
    another.driver.faults = ({ kind }) => (kind === "connect" && refusals++ < 2 ? { fail: "room-refused", retryable: true } : undefined);
    await another.join();
    expect(refusals).toBe(3);
    await another.leave();
  });
});
