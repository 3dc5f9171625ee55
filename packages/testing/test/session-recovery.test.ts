import { describe, expect, it } from "vitest";
import { RoomUnderTest, ScriptedTokenSource } from "./room-under-test.js";

/** Joined with two tracks, one of them muted. */
async function published(options: ConstructorParameters<typeof RoomUnderTest>[0] = {}, join: Parameters<RoomUnderTest["join"]>[0] = {}) {
  const test = new RoomUnderTest(options);
  const room = await test.join(join);
  const voice = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
  const music = await test.clock.run(room.publish(test.capture(), { name: "music", muted: true }));
  return { test, room, voice, music };
}

const both = { voice: "live", music: "muted" };

describe("recovery", () => {
  it("comes back by itself after the server was killed: same tracks, names and mutes, other SIDs", async () => {
    const { test, room, voice } = await published();
    const { sid } = voice.state;
    test.server.stop();
    expect(room.state.connection).toBe("reconnecting");
    expect(room.state.publications.map((publication) => publication.status)).toEqual(["waiting", "waiting"]);
    await test.clock.advance(3000);
    expect(test.driver.connections).toHaveLength(1);
    test.server.start();
    await test.clock.advance(1000);
    expect(test.published()).toEqual(both);
    expect(room.state.publications.map((publication) => publication.status)).toEqual(["live", "live"]);
    expect(voice.state.sid).not.toBe(sid);
    expect(test.all("reconnected")[0]).toMatchObject({ resumed: false, attempt: 1 });
    expect(test.all("reconnecting")).toHaveLength(1);
    await test.leave();
  });

  it("carries out after the outage what was asked for in it, and answers at once meanwhile", async () => {
    const { test, voice, music } = await published();
    test.server.stop();
    await voice.setMuted(true);
    await music.setMuted(false);
    await music.setMuted(true);
    await music.setMuted(false);
    expect(voice.state).toMatchObject({ muted: true, status: "waiting" });
    const publishing = test.session.publish(test.capture(), { name: "third" });
    await test.clock.advance(1000);
    test.server.start();
    await test.clock.run(publishing);
    expect(test.published()).toEqual({ voice: "muted", music: "live", third: "live" });
    await test.leave();
  });

  it("does not publish again what was unpublished in the outage", async () => {
    const { test, voice } = await published();
    test.server.stop();
    await test.clock.run(voice.unpublish());
    test.server.start();
    await test.clock.advance(1000);
    expect(await voice.ended).toEqual({ reason: "unpublished" });
    expect(test.published()).toEqual({ music: "muted" });
    await test.leave();
  });

  it("ends a publication whose source ended in the outage", async () => {
    const { test, voice } = await published();
    const [capture] = test.captures;
    test.server.stop();
    await test.clock.advance(1000);
    capture?.finish();
    test.server.start();
    await test.clock.advance(1500);
    expect(await test.clock.run(voice.ended)).toEqual({ reason: "source-ended" });
    expect(test.published()).toEqual({ music: "muted" });
    await test.leave();
  });

  it.each([
    { rejoinSpreadMs: 0, probesMs: [0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000], joinMs: 2250 },
    { rejoinSpreadMs: 250, probesMs: [0, 225, 275, 525, 775, 1025, 1275, 1525, 1775, 2025], joinMs: 2275 },
    { rejoinSpreadMs: 1000, probesMs: [0, 225, 275, 525, 775, 1025, 1275, 1525, 1775, 2025], joinMs: 2275 + 600 },
  ])("probes every 250 ms, and joins at once: spread over $rejoinSpreadMs ms, up to 250 of them by when it probes", async (expected) => {
    const { probesMs, joinMs, rejoinSpreadMs } = expected; // the second probe waits for the pause after a connection that ended young: 225 ms
    const { test } = await published({ random: () => 0.8 }, { rejoinSpreadMs });
    const outageMs = test.clock.nowMs();
    test.server.stop();
    await test.clock.advance(2100);
    expect(test.runtime.probeTimesMs.map((timeMs) => timeMs - outageMs)).toEqual(probesMs);
    test.server.start();
    await test.clock.advance(2000);
    expect((test.driver.connectTimesMs[1] ?? 0) - outageMs).toBe(joinMs);
    await test.leave();
  });

  it("a fleet that lost its server at one moment rejoins over 250 ms, each with its next probe", async () => {
    const joinsMs = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const { test } = await published({ random: () => (index + 0.5) / 50 });
        await test.clock.advance(6000); // no pause is left for a connection that ends young
        test.server.stop();
        await test.clock.advance(3000);
        test.server.start();
        const backMs = test.clock.nowMs();
        await test.clock.advance(1000);
        const joinMs = (test.driver.connectTimesMs[1] ?? Number.NaN) - backMs;
        await test.leave();
        return joinMs;
      }),
    );
    const perFifth = [0, 50, 100, 150, 200].map((fromMs) => joinsMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 50).length);
    expect(perFifth).toEqual([10, 10, 10, 10, 10]);
  });

  it("probes slower after a minute, at uneven times", async () => {
    let seed = 0.1;
    const { test } = await published({
      random: () => {
        seed = (seed * 7.13) % 1;
        return seed;
      },
    });
    const outageMs = test.clock.nowMs();
    test.server.stop();
    await test.clock.advance(180_000);
    const late = test.runtime.probeTimesMs.filter((timeMs) => timeMs - outageMs > 66_000);
    const startedAfterMinute = test.runtime.probeTimesMs.filter((timeMs) => timeMs - outageMs > 60_000 && timeMs - outageMs < 64_000);
    expect(startedAfterMinute.length).toBeGreaterThanOrEqual(15);
    const gaps = late.slice(1).map((timeMs, index) => timeMs - (late[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5000);
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(5);
    test.server.start();
    await test.clock.advance(6000);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("gives its connection up as soon as the server refuses, so that it does not come back while another is made", async () => {
    const { test } = await published();
    test.server.stop();
    await test.clock.advance(100);
    expect(test.driver.connections.map(({ closeCalls }) => closeCalls)).toEqual([1]);
    test.server.start();
    await test.clock.advance(1000);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("waits for a resume where the server was back between two probes, and then takes over", async () => {
    const { test } = await published();
    const outageMs = test.clock.nowMs();
    test.server.freeze();
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    test.server.thaw();
    await test.clock.advance(5000);
    expect((test.driver.connectTimesMs[1] ?? 0) - outageMs).toBe(3100);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("keeps the connection when the driver resumes, and publishes nothing anew", async () => {
    const { test, room, voice } = await published();
    const { sid } = voice.state;
    test.connection.interrupt();
    await voice.setMuted(true);
    await test.clock.advance(1200);
    test.connection.resume();
    await test.clock.advance(5000);
    expect(test.driver.connections).toHaveLength(1);
    expect(voice.state).toMatchObject({ sid, status: "live" });
    expect(room.state.publications.map((publication) => publication.status)).toEqual(["live", "live"]);
    expect(test.published()).toEqual({ voice: "muted", music: "muted" });
    expect(test.all("reconnected")[0]).toMatchObject({ resumed: true, outageMs: 1200 });
    await test.leave();
  });

  it("takes a connection over that does not resume within three seconds of a server that answers", async () => {
    const { test } = await published();
    const outageMs = test.clock.nowMs();
    const first = test.connection;
    first.interrupt();
    await test.clock.advance(4000);
    expect((test.driver.connectTimesMs[1] ?? 0) - outageMs).toBe(3000);
    expect(first.closeCalls).toBe(1);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("keeps the connection over a freeze of the server that ends with a resume", async () => {
    const { test } = await published();
    test.server.freeze();
    test.connection.interrupt();
    await test.clock.advance(20_000);
    expect(test.driver.connections).toHaveLength(1);
    test.server.thaw();
    await test.clock.advance(1100);
    test.connection.resume();
    await test.clock.advance(5000);
    expect(test.driver.connections).toHaveLength(1);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it("does not wait longer than 500 ms for an abandoned connection to say goodbye", async () => {
    const { test } = await published({ faults: ({ kind }) => (kind === "close" ? { delayMs: 60_000 } : undefined) });
    const outageMs = test.clock.nowMs();
    test.connection.interrupt();
    await test.clock.advance(4000);
    expect((test.driver.connectTimesMs[1] ?? 0) - outageMs).toBe(3500);
    test.driver.faults = () => undefined;
    await test.clock.advance(60_000);
    expect(test.published()).toEqual(both);
    await test.leave();
  });

  it.each(["connection-lost", "server-shutdown", "rejoin-requested", "unknown"] as const)(
    "rejoins after the driver's %s",
    async (reason) => {
      const { test } = await published();
      test.server.forget(test.connection.participant);
      test.connection.end(reason);
      await test.clock.advance(1000);
      expect(test.published()).toEqual(both);
      await test.leave();
    },
  );

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

  it("asks its token source anew for each rejoin, with the same options object", async () => {
    const test = new RoomUnderTest();
    const source = new ScriptedTokenSource(async (call) => ({
      serverUrl: test.server.url,
      participantToken: test.token({ serial: call }),
    }));
    const tokenOptions = { roomName: "room" };
    await test.join({}, { tokenSource: source, tokenOptions });
    test.server.stop();
    await test.clock.advance(500);
    test.server.start();
    await test.clock.advance(1000);
    expect(source.calls.map((call) => call.force)).toEqual([false, false]);
    expect(source.calls.every((call) => call.options === tokenOptions)).toBe(true);
    expect(new Set(test.driver.tokens).size).toBe(2);
    await test.leave();
  });

  it("rejoins with a token that the server issued, where it lasts longer than the one given", async () => {
    const test = new RoomUnderTest();
    await test.join();
    const issued = test.token({ serial: 7, expiresAtS: test.runtime.wallClockMs() / 1000 + 7200 });
    test.connection.tell({ type: "token-refreshed", token: issued });
    test.connection.tell({ type: "token-refreshed", token: "not a token" });
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    await test.clock.advance(1000);
    expect(test.driver.tokens.at(-1)).toBe(issued);
    expect(test.types()).toContain("token-refreshed");
    expect(JSON.stringify(test.events)).not.toContain(issued);
    await test.leave();
  });

  it("comes back with the token it has while the endpoint is down", async () => {
    const test = new RoomUnderTest();
    const source = new ScriptedTokenSource(async (call) => {
      if (call > 1) throw new Error("connection refused");
      return { serverUrl: test.server.url, participantToken: test.token() };
    });
    await test.join({}, { tokenSource: source });
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    await test.clock.advance(1000);
    expect(test.session.state.connection).toBe("connected");
    await test.leave();
  });

  it("waits 2 s for a source that is silent, and then takes the token it has", async () => {
    const test = new RoomUnderTest();
    const source = new ScriptedTokenSource(async (call) => {
      if (call > 1) await new Promise(() => {});
      return { serverUrl: test.server.url, participantToken: test.token() };
    });
    await test.join({}, { tokenSource: source });
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    await test.clock.advance(3000);
    expect(test.session.state.connection).toBe("connected");
    await test.leave();
  });

  it("does not follow its source into another room", async () => {
    const test = new RoomUnderTest();
    const source = new ScriptedTokenSource(async (call) => ({
      serverUrl: test.server.url,
      participantToken: test.token(call > 1 ? { room: "strangers" } : {}),
    }));
    await test.join({}, { tokenSource: source });
    test.server.stop();
    await test.clock.advance(100);
    test.server.start();
    await test.clock.advance(1000);
    expect(test.session.state).toMatchObject({ connection: "connected", room: { name: "room" } });
    await test.leave();
  });

  it("lets the server judge a new token that its own clock takes for expired", async () => {
    const test = new RoomUnderTest();
    const participantToken = test.token();
    const source = new ScriptedTokenSource(async () => ({ serverUrl: test.server.url, participantToken }));
    const { wallClockMs } = test.runtime;
    test.runtime.wallClockMs = () => wallClockMs.call(test.runtime) + 2 * 3_600_000;
    await test.join({}, { tokenSource: source });
    expect(source.calls.map((call) => call.force)).toEqual([false, true]);
    await test.leave();
  });

  it("ends with token-refused when the literal has expired by the time of a rejoin", async () => {
    const test = new RoomUnderTest();
    const room = await test.join({}, { url: test.server.url, token: test.token({ expiresAtS: test.runtime.wallClockMs() / 1000 + 10 }) });
    test.server.stop();
    await test.clock.advance(20_000);
    test.server.start();
    expect(await test.clock.run(room.closed)).toMatchObject({ reason: "token-refused", error: { code: "token-expired" } });
    test.expectNothingLeft();
  });
});

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
