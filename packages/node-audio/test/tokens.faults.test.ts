import { setTimeout as sleep } from "node:timers/promises";
import { endpointTokenSource, type RoomtoneError, type TokenResponse, type TokenSource } from "@roomtone/core";
import { type FaultReport, openSignalProxy, reportFault } from "@roomtone/testing";
import { afterEach, describe, expect, it, type TestContext, vi } from "vitest";
import { endlessBody, garbage, status } from "./support/bad-answers.js";
import { FaultRoom, type FaultRoomOptions, type TokenServer } from "./support/fault-room.js";
import { createModerator, signToken } from "./support/moderator.js";
import { withDevServer } from "./support/with-dev-server.js";
import { withLifetime } from "./support/with-lifetime.js";

const server = withDevServer();
const lifetime = withLifetime();
afterEach(() => void vi.useRealTimers());

describe.each(["opus", "rtc"])("a room on %s", (driver) => {
  const tell = (context: TestContext, facts: Omit<FaultReport, "part" | "driver">) =>
    reportFault(context, { part: "token and clock", driver, ...facts });

  const open = async (options: Omit<FaultRoomOptions, "server" | "driver"> & { readonly server?: TokenServer }) =>
    lifetime().own(await FaultRoom.open({ server: server(), driver, ...options }), (room) => room.close());

  /** Lets the publisher in for three seconds. */
  const shortOfTime = (): TokenServer => ({
    url: server().url,
    createToken: (claims) => server().createToken({ ...claims, validForS: claims.identity === "publisher" ? 3 : 600 }),
  });

  /** A source whose next answers the test decides. */
  function sourceOf(opened: FaultRoom, next: { answer?: (forced: boolean) => Promise<TokenResponse> }, validForS = 600): TokenSource {
    const mint = async () => ({
      serverUrl: server().url,
      participantToken: await server().createToken({ identity: "publisher", roomName: opened.roomName, validForS }),
    });
    return { fetch: (_options, force = false) => next.answer?.(force) ?? mint() };
  }

  const cutSignalling = async () => {
    await server().kill();
    await sleep(500); // the outage itself
    await server().start();
    return performance.now();
  };

  it("does not join with an expired token, and says so without a question to the server", async (context) => {
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    const failure = await FaultRoom.joined({
      server: server(),
      driver,
      credentials: (opened) => ({ url: proxy.url, token: expiredToken(opened.roomName) }),
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "token-expired" });
    expect(proxy.attempts).toEqual([]);
    await tell(context, {
      fault: "expired before the join",
      seen: "`token-expired`",
      lost: "",
      backMs: [],
      guard: "core `token-keeper.ts` (*tried*)",
    });
  });

  it("stays in when its token expires, and comes back with what the server issued", async (context) => {
    const room = await open({ server: shortOfTime() });
    await sleep(4000); // past its time
    await room.freshlyHeardMs();
    expect(room.count("reconnecting")).toBe(0);
    const fromMs = await cutSignalling();
    const heardMs = await room.freshlyHeardMs();
    expect(room.count("closed")).toBe(0);
    await tell(context, {
      fault: "expired while in the room, then the server killed",
      seen: "`token-refreshed`; `reconnecting`, `reconnected`",
      lost: "the outage and the time back",
      backMs: [heardMs - fromMs],
      guard: "core `token-keeper.ts`: the newest token that the server issued (*tried*)",
    });
  });

  it("asks for another token where the source gives an expired one at a rejoin", async (context) => {
    const next: Parameters<typeof sourceOf>[1] = {};
    const room = await open({ credentials: (opened) => ({ tokenSource: sourceOf(opened, next) }) });
    const { roomName } = room;
    next.answer = async (forced) => {
      if (forced) next.answer = undefined as never;
      const token = forced ? await server().createToken({ identity: "publisher", roomName }) : expiredToken(roomName);
      return { serverUrl: server().url, participantToken: token };
    };
    const fromMs = await cutSignalling();
    const heardMs = await room.freshlyHeardMs();
    await tell(context, {
      fault: "expired token from the source at a rejoin",
      seen: "`reconnecting`, `reconnected`",
      lost: "the outage and the time back",
      backMs: [heardMs - fromMs],
      guard: "core `connector.ts`, `token-keeper.ts`: a forced fetch (without the second alone it holds)",
    });
  });

  it.for([
    { what: "down", answer: async () => Promise.reject(new Error("connect ECONNREFUSED")) },
    { what: "giving a token of the wrong type", answer: async () => ({ serverUrl: 7, participantToken: { a: 1 } }) as never },
    { what: "silent", answer: () => new Promise<never>(() => {}) },
    { what: "slow by 5 s", answer: async () => sleep(5000).then(() => Promise.reject(new Error("too late to matter"))) },
  ])("comes back with the token it has while the source is $what", async ({ what, answer }, context) => {
    const next: Parameters<typeof sourceOf>[1] = {};
    const room = await open({ credentials: (opened) => ({ tokenSource: sourceOf(opened, next) }) });
    next.answer = answer;
    const fromMs = await cutSignalling();
    const heardMs = await room.freshlyHeardMs();
    expect(room.count("closed")).toBe(0);
    await tell(context, {
      fault: `source ${what} at a rejoin`,
      seen: "`reconnecting`, `reconnected`",
      lost: "the outage and the time back",
      backMs: [heardMs - fromMs],
      guard: "core `token-keeper.ts`: the token it has is good still (*tried* on opus)",
    });
  });

  it("comes back with the newest token, whatever token the server sends in the moment in which it goes", async (context) => {
    const room = await open({ server: shortOfTime() });
    await sleep(4000); // past the time of the token that it was given
    const backMs: number[] = [];
    for (let times = 1; times <= 3; times += 1) {
      // A change of what the token says makes the server send another; the end comes before, with or after it.
      const changed = createModerator(server())
        .setParticipantMetadata(room.roomName, "publisher", `${times}`)
        .catch(() => {});
      await sleep((times - 1) * 4); // how long before
      await Promise.all([server().kill(), changed]);
      await server().start();
      const fromMs = performance.now();
      await room.told("reconnected", { times });
      backMs.push((await room.freshlyHeardMs()) - fromMs);
    }
    expect(room.count("closed")).toBe(0);
    await tell(context, {
      fault: "token refreshed while the connection breaks, three times",
      seen: "`reconnecting`, `reconnected`",
      lost: "the outage and the time back",
      backMs,
      guard: "core `token-keeper.ts`: the newest token that the server issued (*tried* on opus)",
    });
  });

  it("does not follow a token into another room at a rejoin", async (context) => {
    const next: Parameters<typeof sourceOf>[1] = {};
    const room = await open({ credentials: (opened) => ({ tokenSource: sourceOf(opened, next) }) });
    const { roomName } = room;
    next.answer = async () => ({
      serverUrl: server().url,
      participantToken: await server().createToken({ identity: "publisher", roomName: `${roomName}-of-strangers` }),
    });
    const fromMs = await cutSignalling();
    const heardMs = await room.freshlyHeardMs();
    expect(room.session.state.room?.name).toBe(roomName);
    await tell(context, {
      fault: "source gives a token for another room at a rejoin",
      seen: "`reconnecting`, `reconnected`: in the room it was in, with the token it had",
      lost: "the outage and the time back",
      backMs: [heardMs - fromMs],
      guard: "core `token-keeper.ts`: a room is not left for another (*tried*)",
    });
  });

  it.for([-1, 1])("is joined and kept where the system's clock is %i h off", async (offH, context) => {
    const next: Parameters<typeof sourceOf>[1] = {};
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    const realMs = Date.now();
    const startMs = performance.now();
    const roomName = `clock-${driver}-${offH}-${process.pid}`;
    // What mints tokens has the right time.
    const mint = (identity: string) => {
      const nowS = Math.floor((realMs + performance.now() - startMs) / 1000);
      const claims = { iss: server().apiKey, sub: identity, nbf: nowS - 5, exp: nowS + 600 };
      return signToken(server().apiSecret, { ...claims, video: { roomJoin: true, room: roomName, canPublish: true, canSubscribe: true } });
    };
    next.answer = async () => ({ serverUrl: proxy.url, participantToken: mint("publisher") });
    vi.useFakeTimers({ toFake: ["Date"], now: realMs + offH * 3_600_000 });
    const room = await open({
      server: { url: server().url, createToken: async ({ identity }) => mint(identity) },
      roomName,
      credentials: (opened) => ({ tokenSource: sourceOf(opened, next) }),
    });
    proxy.refuse(true);
    proxy.cut();
    await sleep(1000); // the outage itself
    proxy.refuse(false);
    const fromMs = performance.now();
    await room.told("reconnected");
    const heardMs = await room.freshlyHeardMs();
    await tell(context, {
      fault: `system clock ${Math.abs(offH)} h ${offH > 0 ? "ahead" : "behind"}, tokens from a source`,
      seen: "nothing",
      lost: "nothing",
      backMs: [heardMs - fromMs],
      guard: "core `connector.ts`, `token-keeper.ts`: of a new token the server decides (without the second alone it holds)",
    });
  });
});

describe("a token endpoint", () => {
  it.for([
    { what: "500", answer: status(500), told: 500 },
    { what: "404", answer: status(404), told: 404 },
    { what: "garbage", answer: garbage, told: undefined },
    { what: "an endless body", answer: endlessBody(200), told: 200 },
  ])("that answers $what fails a join with endpoint-unreachable, in bounded time and memory", async ({ what, answer, told }, context) => {
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    proxy.answer(answer);
    const source = endpointTokenSource({ endpoint: proxy.url.replace("ws:", "http:"), fetch: (url, init) => fetch(url, init) });
    const before = process.memoryUsage().rss;
    const startMs = performance.now();
    const failure = await FaultRoom.joined({
      server: server(),
      driver: "opus",
      joinRetries: 0,
      credentials: () => ({ tokenSource: source }),
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "endpoint-unreachable" });
    expect((failure as RoomtoneError).details.status).toBe(told);
    expect(performance.now() - startMs).toBeLessThan(15_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
    await reportFault(context, {
      part: "token and clock",
      fault: `endpoint answers with ${what}`,
      driver: "any",
      seen: "`endpoint-unreachable`",
      lost: "",
      backMs: [],
      guard: "core `token-sources.ts` (*tried*)",
    });
  });
});

function expiredToken(roomName: string): string {
  const { apiKey, apiSecret } = server();
  const nowS = Math.floor(Date.now() / 1000);
  const video = { roomJoin: true, room: roomName, canPublish: true };
  return signToken(apiSecret, { iss: apiKey, sub: "publisher", nbf: nowS - 7200, exp: nowS - 3600, video });
}
