import { describe, expect, it } from "vitest";
import { RoomUnderTest, ScriptedTokenSource } from "./room-under-test.js";

describe("the token of a rejoin", () => {
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
