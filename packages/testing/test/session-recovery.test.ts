import { describe, expect, it } from "vitest";
import { both, published } from "./published-room.js";

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
});
