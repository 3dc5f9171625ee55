import { RoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { RoomUnderTest, ScriptedTokenSource } from "./room-under-test.js";

const FINAL = ["token-invalid", "token-expired", "room-refused", "server-full", "unsupported", "native-missing", "internal"] as const;

describe("joining", () => {
  it("is connected when it resolves, and nothing early was lost", async () => {
    const test = new RoomUnderTest();
    const peer = { tell: () => {}, mutedByServer: () => {}, end: () => {}, wire: () => {} };
    const other = test.server.admit(test.token({ identity: "other" }), false, peer);
    test.server.addTrack(other, "theirs", "microphone", false);
    const room = await test.join({ subscribe: true });
    expect(test.types()).toEqual(["connected", "track-subscribed"]);
    expect(room.state).toMatchObject({
      connection: "connected",
      room: { name: "room" },
      localParticipant: { identity: "me" },
      participants: [{ identity: "other", tracks: [{ name: "theirs", subscribed: true }] }],
    });
    expect(room.driver).toBe("fake");
    await test.leave();
  });

  it.each(FINAL)("rejects at once with %s", async (code) => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "connect" ? { fail: code } : undefined) });
    await expect(test.clock.run(test.joining())).rejects.toMatchObject({ code });
    expect(test.driver.connectTimesMs).toHaveLength(1);
    expect(test.types()).toEqual([]);
    test.expectNothingLeft();
  });

  it.each([0, 3])("gives an unreachable server %i more attempts, with growing pauses", async (joinRetries) => {
    const test = new RoomUnderTest({ random: () => 0.999 });
    test.server.stop();
    await expect(test.clock.run(test.joining({ joinRetries }))).rejects.toMatchObject({ code: "server-unreachable" });
    expect(test.driver.connectTimesMs.map((timeMs) => Math.round(timeMs / 10) * 10)).toEqual([0, 250, 750, 1750].slice(0, joinRetries + 1));
    expect(test.types()).toEqual(Array(joinRetries).fill("warning"));
    test.expectNothingLeft();
  });

  it("gives each attempt ten seconds, and releases a connection that comes later", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "connect" ? { delayMs: 11_000, deaf: true } : undefined) });
    await expect(test.clock.run(test.joining({ joinRetries: 0 }))).rejects.toMatchObject({ code: "server-unreachable" });
    expect(test.clock.nowMs()).toBeGreaterThanOrEqual(10_000);
    await test.clock.advance(2000);
    test.expectNothingLeft();
  });

  it("rejects with the signal's reason while joining, and leaves nothing", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "connect" ? { hang: true } : undefined) });
    const controller = test.runtime.aborts.create();
    const joining = test.joining({ signal: controller.signal });
    await test.clock.advance(1000);
    const reason = new Error("changed my mind");
    controller.abort(reason);
    await expect(test.clock.run(joining)).rejects.toBe(reason);
    expect(test.clock.nowMs()).toBe(1000);
    test.expectNothingLeft();
  });

  it("rejects when a driver that is slow to let go has let go", async () => {
    const test = new RoomUnderTest({
      faults: ({ kind }) => (kind === "connect" ? { delayMs: 400, deaf: true } : kind === "close" ? { delayMs: 100 } : undefined),
    });
    const controller = test.runtime.aborts.create();
    const joining = test.joining({ signal: controller.signal });
    await test.clock.advance(100);
    controller.abort(new Error("enough"));
    await expect(test.clock.run(joining)).rejects.toThrow("enough");
    expect(test.clock.nowMs()).toBe(500);
    test.expectNothingLeft();
  });

  it("rejects with the signal's reason while its token source hangs, and while it pauses between attempts", async () => {
    for (const hangs of ["token", "pause"] as const) {
      const test = new RoomUnderTest();
      test.server.stop();
      const controller = test.runtime.aborts.create();
      const source = new ScriptedTokenSource(() => new Promise(() => {}));
      const joining = test.joining({ signal: controller.signal, joinRetries: 9 }, hangs === "token" ? { tokenSource: source } : undefined);
      await test.clock.advance(1000);
      controller.abort(new Error("enough"));
      await expect(test.clock.run(joining)).rejects.toThrow("enough");
      test.expectNothingLeft();
    }
  });

  it("does nothing at all with a signal that was aborted before", async () => {
    const test = new RoomUnderTest();
    const controller = test.runtime.aborts.create();
    controller.abort(new Error("too late"));
    await expect(test.clock.run(test.joining({ signal: controller.signal }))).rejects.toThrow("too late");
    expect(test.driver.connectTimesMs).toEqual([]);
  });

  it("refuses an expired literal, a malformed token, an empty one and a bad URL before anything is connected", async () => {
    const test = new RoomUnderTest();
    const { url } = test.server;
    const expired = test.token({ expiresAtS: 1 });
    for (const [credentials, code] of [
      [{ url, token: expired }, "token-expired"],
      [{ url, token: "nonsense" }, "token-invalid"],
      [{ url, token: " " }, "token-missing"],
      [{ url: "example.org", token: test.token() }, "usage"],
    ] as const) {
      await expect(test.clock.run(test.joining({}, credentials))).rejects.toMatchObject({ code });
    }
    expect(test.driver.connectTimesMs).toEqual([]);
  });

  it("asks its source for a new token, by force, when the first one has expired or is refused", async () => {
    for (const first of ["expired", "refused"] as const) {
      const test = new RoomUnderTest();
      const bad = first === "expired" ? test.token({ expiresAtS: 1 }) : test.token({ wrongSignature: true });
      const source = new ScriptedTokenSource(async (_call, force) => ({
        serverUrl: test.server.url,
        participantToken: force ? test.token() : bad,
      }));
      await test.join({}, { tokenSource: source });
      expect(source.calls.map((call) => call.force)).toEqual([false, true]);
      await test.leave();
    }
  });

  it("takes a second refusal, after the forced one, for an answer", async () => {
    const test = new RoomUnderTest();
    const source = new ScriptedTokenSource(async () => ({
      serverUrl: test.server.url,
      participantToken: test.token({ wrongSignature: true }),
    }));
    await expect(test.clock.run(test.joining({}, { tokenSource: source }))).rejects.toMatchObject({ code: "token-invalid" });
    expect(source.calls.map((call) => call.force)).toEqual([false, true]);
    expect(test.driver.connectTimesMs).toHaveLength(2);
    test.expectNothingLeft();
  });

  it("gives a token source ten seconds, and tries again", async () => {
    const test = new RoomUnderTest();
    const source = new ScriptedTokenSource((call) =>
      call === 1 ? new Promise(() => {}) : Promise.resolve({ serverUrl: test.server.url, participantToken: test.token() }),
    );
    await test.join({}, { tokenSource: source });
    expect(test.all("warning")[0]?.error).toMatchObject({ code: "endpoint-unreachable" });
    await test.leave();
  });

  it("says what failed in a token source without a word of its own", async () => {
    const test = new RoomUnderTest();
    const secret = test.token();
    const source = new ScriptedTokenSource(async () => {
      throw new TypeError(`bad answer: ${secret}`);
    });
    const error = await test.clock.run(test.joining({ joinRetries: 0 }, { tokenSource: source })).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RoomtoneError);
    expect(error).toMatchObject({ code: "endpoint-unreachable" });
    expect((error as Error).message).toContain("TypeError");
    expect(JSON.stringify([(error as Error).message, (error as Error).cause ?? "", (error as RoomtoneError).details])).not.toContain(
      secret,
    );
  });

  it("refuses to subscribe through a driver that cannot, and a driver that nobody knows", async () => {
    const test = new RoomUnderTest({ canSubscribe: false });
    await expect(test.clock.run(test.joining({ subscribe: true }))).rejects.toMatchObject({ code: "unsupported" });
    await expect(test.clock.run(test.joining({ driver: "nonsense" }))).rejects.toMatchObject({ code: "usage" });
  });
});
