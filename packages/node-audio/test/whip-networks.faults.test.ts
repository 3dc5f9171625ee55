import { isNetworkObservable } from "@roomtone/core";
import { whipDriver } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { publishTrack } from "./support/driver-publisher.js";
import { until } from "./support/hall.js";
import { startConfiguredServer } from "./support/server-with-config.js";
import { openWhipProxy } from "./support/whip-proxy.js";
import { withLifetime } from "./support/with-lifetime.js";

const never = new AbortController().signal;
const lifetime = withLifetime();

/** A server with a relay of its own, behind a proxy that sees what was asked and may change what is answered. */
async function relayingServer(change: (headers: Headers) => void, changeAnswer?: (sdp: string) => string) {
  const configured = await startConfiguredServer(({ turn }) => ({
    turn: {
      enabled: true,
      domain: "127.0.0.1",
      udp_port: turn,
      relay_range_start: 31_100,
      relay_range_end: 31_199,
      allow_restricted_peer_cidrs: ["127.0.0.0/8"],
    },
  }));
  const server = lifetime().own(configured, (opened) => opened.close());
  const options = { token: () => server.createToken("me"), change, ...(changeAnswer ? { changeAnswer } : {}) };
  const proxy = await openWhipProxy(server.url.replace("ws:", "http:"), options);
  return lifetime().own(proxy, (opened) => opened.close());
}

describe("media of the whip driver, where only a relay is allowed", () => {
  it("goes through the TURN server that the answer's Link header names, and by no other way", async () => {
    const links: (string | null)[] = [];
    const proxy = await relayingServer((headers) => void links.push(headers.get("link")));
    const options = { url: proxy.url, token: "", subscribe: false, on: () => {} };
    const connection = await whipDriver({ iceTransportPolicy: "relay" }).connect(options, never);
    lifetime().own(connection, (opened) => opened.close());
    const track = await publishTrack(
      connection,
      lifetime().own(new ExamPcmCapture(), (capture) => capture.close()),
    );
    if (!isNetworkObservable(track)) expect.unreachable();
    await until("the server reports arrival", async () => ((await track.networkSample()).arrivedMark ?? 0) > 0);
    expect(links).toEqual([expect.stringContaining("turn:127.0.0.1")]);
    const candidates = proxy.seen("PATCH").flatMap(({ body }) => body.match(/ typ \w+/g) ?? []);
    expect(new Set(candidates)).toEqual(new Set([" typ relay"]));
  });

  it("is not sent where the answer names none: the join fails by name, and the session that was made is ended", async () => {
    const proxy = await relayingServer((headers) => headers.delete("link"));
    const options = { url: proxy.url, token: "", subscribe: false, on: () => {} };
    const joining = whipDriver({ iceTransportPolicy: "relay" }).connect(options, never);
    await expect(joining).rejects.toMatchObject({ code: "unsupported" });
    expect(proxy.seen("DELETE").map(({ status }) => status)).toEqual([200]);
  });
});

describe("a join by WHIP that is given up while a way for media is looked for", () => {
  it("ends the session that was made for it", async () => {
    // Nobody is where the answer says that the server is, and without an entity tag it does not learn where we are.
    const proxy = await relayingServer(
      (headers) => headers.delete("etag"),
      (sdp) => sdp.replace(/ \d+ typ /g, " 9 typ "),
    );
    const leaving = new AbortController();
    const options = { url: proxy.url, token: "", subscribe: false, on: () => {} };
    const joining = whipDriver().connect(options, leaving.signal);
    joining.catch(() => {});
    await until("the server has answered", () => proxy.seen("POST")[0]?.status === 201);
    await new Promise((resolve) => setTimeout(resolve, 300)); // into the search
    const startMs = performance.now();
    leaving.abort(new Error("changed my mind"));
    await expect(joining).rejects.toThrow("changed my mind");
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(proxy.seen("DELETE").map(({ status }) => status)).toEqual([200]);
  });
});
