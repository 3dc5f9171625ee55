import { describe, expect, it } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

/** The bound of a leave. */
const LEAVE_MS = 1500;

/** Each way that a room can stand when it is left. */
const phases: Readonly<Record<string, (test: RoomUnderTest) => Promise<void>>> = {
  connected: async () => {},
  publishing: async (test) => {
    test.driver.faults = ({ kind }) => (kind === "publish" ? { hang: true } : undefined);
    test.session.publish(test.capture()).catch(() => {});
    await test.clock.advance(100);
  },
  muting: async (test) => {
    const publication = await test.clock.run(test.session.publish(test.capture()));
    test.driver.faults = ({ kind }) => (kind === "set-muted" ? { delayMs: 5000 } : undefined);
    void publication.setMuted(true);
    await test.clock.advance(100);
  },
  probing: async (test) => {
    await test.clock.run(test.session.publish(test.capture()));
    test.server.stop();
    await test.clock.advance(5000);
  },
  "waiting for a resume": async (test) => {
    await test.clock.run(test.session.publish(test.capture()));
    test.connection.interrupt();
    await test.clock.advance(1000);
  },
  rejoining: async (test) => {
    test.driver.faults = ({ kind }) => (kind === "connect" ? { hang: true } : undefined);
    test.server.stop();
    await test.clock.advance(1000);
    test.server.start();
    await test.clock.advance(1000);
  },
  "backing off": async (test) => {
    test.driver.faults = ({ kind }) => (kind === "connect" ? { fail: "server-unreachable" } : undefined);
    test.server.forget(test.connection.participant);
    test.connection.end("connection-lost");
    await test.clock.advance(20_000);
  },
  abandoning: async (test) => {
    test.driver.faults = ({ kind }) => (kind === "close" ? { delayMs: 400 } : undefined);
    test.connection.interrupt();
    await test.clock.advance(3100);
  },
  "stalled, with the server frozen": async (test) => {
    await test.clock.run(test.session.publish(test.capture()));
    test.server.freeze();
    await test.clock.advance(8000);
  },
};

describe("leaving", () => {
  it.each(Object.keys(phases))("closes within its bound and leaves nothing, while %s", async (name) => {
    const test = new RoomUnderTest();
    const room = await test.join();
    await phases[name]?.(test);
    const startMs = test.clock.nowMs();
    await test.clock.run(Promise.all([room.close(), room.close()]));
    expect(test.clock.nowMs() - startMs).toBeLessThanOrEqual(LEAVE_MS);
    expect(await room.closed).toEqual({ reason: "left" });
    expect(room.state.connection).toBe("closed");
    expect(test.events.at(-1)).toMatchObject({ type: "closed" });
    test.server.thaw();
    await test.clock.advance(6000);
    const told = test.events.length;
    test.expectNothingLeft();
    await test.clock.advance(60_000);
    expect(test.events).toHaveLength(told);
  });

  it("closes with `left` when its signal aborts", async () => {
    const test = new RoomUnderTest();
    const controller = test.runtime.aborts.create();
    const room = await test.join({ signal: controller.signal });
    const publication = await test.clock.run(room.publish(test.capture()));
    controller.abort(new Error("Ctrl-C"));
    expect(await test.clock.run(room.closed)).toEqual({ reason: "left" });
    expect(await publication.ended).toMatchObject({ reason: "room-closed" });
    await test.clock.advance(200);
    test.expectNothingLeft();
  });

  it("does not wait longer than its bound for a driver that hangs", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "close" ? { delayMs: 60_000 } : undefined) });
    const room = await test.join();
    await test.clock.run(room.close());
    expect(test.clock.nowMs()).toBeLessThanOrEqual(LEAVE_MS);
  });

  it("refuses what comes later, and takes what is harmless", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture()));
    test.server.freeze();
    const waiting = expect(room.publish(test.capture(), { name: "never live" })).rejects.toMatchObject({ code: "usage" });
    await test.clock.run(room.close());
    await waiting;
    await expect(room.publish(test.capture())).rejects.toMatchObject({ code: "usage" });
    await expect(room.sendData(Uint8Array.of(1))).rejects.toMatchObject({ code: "server-unreachable" });
    await publication.setMuted(true);
    await publication.unpublish();
    expect(await publication.networkSample()).toBeUndefined();
    expect(publication.state.status).toBe("unpublished");
    room.on({ any: () => expect.unreachable() })();
  });

  it("is disposable where the platform knows the symbol", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const { asyncDispose } = Symbol as { readonly asyncDispose?: symbol };
    expect(asyncDispose).toBeDefined();
    const dispose = (room as unknown as Record<symbol, () => Promise<void>>)[asyncDispose ?? Symbol()];
    await test.clock.run(Promise.resolve(dispose?.()));
    expect(await room.closed).toEqual({ reason: "left" });
  });
});
