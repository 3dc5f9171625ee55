import type { RoomEvent } from "@roomtone/core";
import { whipDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";
import { joinEndpoint, openEndpoint, STREAM_KEY } from "./support/whip-endpoint.js";
import type { WhipProxyOptions } from "./support/whip-proxy.js";

const never = new AbortController().signal;
const hall = withHall();

const refusal = (answer: WhipProxyOptions["answer"], token = STREAM_KEY) =>
  openEndpoint(hall(), answer ? { answer } : {}).then(({ url }) =>
    whipDriver()
      .connect({ url, token, subscribe: false, on: () => {} }, never)
      .then(
        async (connection) => {
          await connection.close();
          throw new Error("it was let in");
        },
        (error: unknown) => error,
      ),
  );

describe("a WHIP endpoint of any server", () => {
  it("is offered one track, trickled to where it takes that, and told of the leave, with the token in each request", async () => {
    const proxy = await openEndpoint(hall());
    const room = await joinEndpoint(hall(), proxy);
    const capture = hall().lifetime.own(new ExamPcmCapture(), (opened) => opened.close());
    await room.publish(capture);
    const peer = await hall().peer("ear");
    await until("a peer hears it", async () => (await peer.hear("me", "synthesized-microphone", 300)).level > 0.05);
    await until("candidates were taken", () => proxy.seen("PATCH").some(({ status }) => status === 204));
    await room.close();
    expect(proxy.requests.map(({ method, status }) => [method, status])).toEqual([
      ["POST", 201],
      ["PATCH", 204],
      ["DELETE", 200],
    ]);
    const [post, patch] = proxy.requests;
    expect(post?.body).toMatch(/a=sendonly[\s\S]*a=msid:\S+ \S+[\s\S]*opus\/48000\/2/i);
    expect(post?.headers).toMatchObject({ "content-type": "application/sdp" });
    expect(patch?.headers).toMatchObject({ "content-type": "application/trickle-ice-sdpfrag", "if-match": expect.stringMatching(/.+/) });
    for (const { headers } of proxy.requests) expect(headers["authorization"]).toBe(`Bearer ${STREAM_KEY}`);
    expect(await room.closed).toEqual({ reason: "left" });
  });

  it("without a token, hears of none", async () => {
    const proxy = await openEndpoint(hall());
    const room = await joinEndpoint(hall(), proxy, [], "");
    await room.close();
    for (const { headers } of proxy.requests) expect(headers).not.toHaveProperty("authorization");
  });

  it("that is overloaded is asked again when it said, and not before", async () => {
    const answer: WhipProxyOptions["answer"] = ({ method }, earlier) =>
      method === "POST" && earlier.length < 1 ? { status: 503, headers: { "retry-after": "1" } } : undefined;
    const proxy = await openEndpoint(hall(), { answer });
    const events: RoomEvent[] = [];
    await joinEndpoint(hall(), proxy, events);
    const posts = proxy.seen("POST");
    expect(posts.map(({ status }) => status)).toEqual([503, 201]);
    for (const [index, { atMs }] of posts.entries()) {
      // The pause runs from the answer, a moment after the request.
      if (index > 0) expect(atMs - (posts[index - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
    }
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(1);
  });

  it("may send the publisher elsewhere, and sessions are ended where they were made", async () => {
    const real = await openEndpoint(hall());
    const proxy = await openEndpoint(hall(), {
      answer: ({ path }) =>
        path === "/ingest" ? { status: 307, headers: { location: "/other?hop=1" } } : { status: 308, headers: { location: real.url } },
    });
    const room = await joinEndpoint(hall(), proxy);
    await room.close();
    expect(proxy.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /ingest", "POST /other?hop=1"]);
    expect(real.requests.map(({ method, status }) => `${method} ${status}`)).toContain("DELETE 200");
    expect(real.seen("POST")[0]?.headers["authorization"]).toBe(`Bearer ${STREAM_KEY}`);
  });

  it("that sends the publisher in circles is refused, after a bounded number of requests", async () => {
    let asked = 0;
    const error = await refusal(({ path }) => {
      asked += 1;
      return { status: 307, headers: { location: path === "/a" ? "/b" : "/a" } };
    });
    expect(error).toMatchObject({ code: "room-refused" });
    expect(asked).toBe(6);
  });

  it.each([
    [401, {}, "token-invalid"],
    [403, {}, "room-refused"],
    [404, {}, "room-refused"],
    [405, {}, "room-refused"],
    [406, {}, "room-refused"],
    [409, { retryable: true }, "room-refused"],
    [422, {}, "room-refused"],
    [302, {}, "room-refused"],
    [429, { retryable: true, retryAfterMs: 7000 }, "server-full"],
    [500, { retryable: true, retryAfterMs: 7000 }, "server-unreachable"],
    [503, { retryable: true, retryAfterMs: 7000 }, "server-unreachable"],
  ])("that answers %i is an error of ours, which repeats neither body, nor token, nor address", async (status, details, code) => {
    const body = `no: ${STREAM_KEY}`;
    const error = await refusal(() => ({ status, headers: { "retry-after": "7" }, body }));
    expect(error).toMatchObject({ code, details: { status, ...details } });
    const told = JSON.stringify([(error as Error).message, (error as { details: unknown }).details, String((error as Error).cause)]);
    expect(told).not.toContain(STREAM_KEY);
    expect(told).not.toContain("/ingest");
  });

  it("that wants a token where there is none is told apart", async () => {
    expect(await refusal(() => ({ status: 401 }), "")).toMatchObject({ code: "token-missing" });
  });

  it.each([
    ["no address of the session", { status: 201, body: "v=0\r\n" }],
    ["no description", { status: 201, headers: { location: "/session" }, body: "<html>" }],
    ["a description without audio", { status: 201, headers: { location: "/session" }, body: "v=0\r\nm=video 9 RTP/AVP 0\r\n" }],
    ["an endless description", { status: 201, headers: { location: "/session" }, body: "a".repeat(400_000) }],
  ])("that answers with %s is refused, and what it made is ended", async (_, answer) => {
    const methods: string[] = [];
    const error = await refusal(({ method }) => {
      methods.push(method);
      return method === "POST" ? answer : { status: 200 };
    });
    expect(error).toMatchObject({ code: "room-refused" });
    expect(methods).toEqual("headers" in answer ? ["POST", "DELETE"] : ["POST"]);
  });
});

describe("a leave while a session opens", () => {
  it("ends the session that the server was making", async () => {
    const proxy = await openEndpoint(hall(), { holdMs: 150 });
    const leaving = new AbortController();
    const joining = whipDriver().connect({ url: proxy.url, token: STREAM_KEY, subscribe: false, on: () => {} }, leaving.signal);
    joining.catch(() => {});
    await until("the server was asked", () => proxy.seen("POST").length === 1);
    leaving.abort(new Error("changed my mind"));
    await expect(joining).rejects.toThrow("changed my mind");
    expect(proxy.seen("DELETE").map(({ status }) => status)).toEqual([200]);
    await until("nobody is there", async () => (await hall().tracks("me")).length === 0);
  });
});
