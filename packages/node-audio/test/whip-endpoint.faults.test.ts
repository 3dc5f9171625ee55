import type { RoomEvent } from "@roomtone/core";
import { whipDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";
import { createModerator } from "./support/moderator.js";
import { joinEndpoint, openEndpoint, STREAM_KEY } from "./support/whip-endpoint.js";

const never = new AbortController().signal;
const hall = withHall();

describe("a WHIP endpoint of any server", () => {
  it("that gives no entity tag gets no candidates afterwards, and is heard all the same", async () => {
    const proxy = await openEndpoint(hall(), { change: (headers) => headers.delete("etag") });
    const room = await joinEndpoint(hall(), proxy);
    await room.publish(hall().lifetime.own(new ExamPcmCapture(), (opened) => opened.close()));
    const peer = await hall().peer("ear");
    await until("a peer hears it", async () => (await peer.hear("me", "synthesized-microphone", 300)).level > 0.05);
    expect(proxy.seen("PATCH")).toEqual([]);
  });
});

describe("a leave", () => {
  it("does not wait for a server that says nothing", async () => {
    const proxy = await openEndpoint(hall(), { answer: () => "silence" });
    const leaving = new AbortController();
    const joining = whipDriver().connect({ url: proxy.url, token: STREAM_KEY, subscribe: false, on: () => {} }, leaving.signal);
    joining.catch(() => {});
    await until("the server was asked", () => proxy.requests.length === 1);
    const startMs = performance.now();
    leaving.abort(new Error("changed my mind"));
    await expect(joining).rejects.toThrow("changed my mind");
    expect(performance.now() - startMs).toBeLessThan(2000); // it gives it half a second
  });

  it("gives the leave half a second where the server takes no DELETE", async () => {
    const proxy = await openEndpoint(hall(), { answer: ({ method }) => (method === "DELETE" ? "silence" : undefined) });
    const options = { url: proxy.url, token: STREAM_KEY, subscribe: false, on: () => {} };
    const connection = await whipDriver().connect(options, never);
    const startMs = performance.now();
    await connection.close();
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(proxy.seen("DELETE")).toHaveLength(1);
  });
});

describe("a leave of a session that is gone at the server", () => {
  it.for([404, 410, 500])("is a leave all the same where DELETE is answered with %i, asked once", async (status) => {
    const proxy = await openEndpoint(hall(), { answer: ({ method }) => (method === "DELETE" ? { status } : undefined) });
    const room = await joinEndpoint(hall(), proxy);
    await room.close();
    expect(await room.closed).toEqual({ reason: "left" });
    expect(proxy.seen("DELETE").map((request) => request.status)).toEqual([status]);
  });
});

describe("a server that ends the session again and again", () => {
  it("is left alone after three times, and the room says so", async () => {
    const proxy = await openEndpoint(hall());
    const events: RoomEvent[] = [];
    const room = await joinEndpoint(hall(), proxy, events);
    const moderator = createModerator(hall().server);
    const returns = () => events.filter(({ type }) => type === "reconnected").length;
    for (const times of [1, 2, 3]) {
      await until(`it is back, ${times - 1} times`, () => returns() === times - 1);
      await moderator.remove(hall().roomName, "me");
      await until("it is sent away", () => room.state.connection !== "connected");
    }
    await until("the room is over", () => room.state.connection === "closed");
    expect(await room.closed).toMatchObject({ reason: "room-refused", error: { code: "room-refused" } });
    expect(returns()).toBe(2);
  });
});
