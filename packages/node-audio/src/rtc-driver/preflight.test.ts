import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { explainFailedJoin, httpAddress, signalAddress } from "./preflight.js";

const opened: Server[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (claims: Record<string, unknown> = {}) =>
  `${encode({ alg: "HS256" })}.${encode({ video: { roomJoin: true }, ...claims })}.c2ln`;

/** A server that answers with `status`, and notes what it was asked. */
async function answering(
  status: number,
): Promise<{ url: string; asked: { path: string | undefined; authorization: string | undefined }[] }> {
  const asked: { path: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer(({ url, headers }, response) => {
    asked.push({ path: url, authorization: headers.authorization });
    response.writeHead(status, { location: "http://elsewhere.test/" }).end(`the token is ${headers.authorization}`);
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { url: `ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, asked };
}

describe("an address", () => {
  it.each([
    ["ws://host:7880", "http://host:7880/", "ws://host:7880/"],
    ["wss://host/path", "https://host/path", "wss://host/path"],
    ["http://host", "http://host/", "ws://host/"],
    ["https://host/", "https://host/", "wss://host/"],
  ])("%s is HTTP and WebSocket alike", (url, http, signal) => {
    expect([httpAddress(url).href, signalAddress(url)]).toEqual([http, signal]);
  });

  it.each(["", "host:7880", "ftp://host", "file:///etc"])("%j is refused", (url) => {
    expect(() => httpAddress(url)).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("the reason of a failed join", () => {
  it.each([
    [200, false, "server-unreachable", true],
    [200, true, "server-full", true],
    [302, false, "server-unreachable", false],
    [401, false, "token-invalid", undefined],
    [403, false, "room-refused", undefined],
    [404, false, "room-refused", undefined],
    [418, false, "server-unreachable", false],
    [429, false, "server-full", true],
    [503, false, "server-unreachable", true],
  ] as const)("with the answer %i (turned away: %j) is %s", async (status, turnedAway, code, retryable) => {
    const { url, asked } = await answering(status);
    const jwt = token();
    const error = await explainFailedJoin(url, jwt, turnedAway);
    expect(error.code).toBe(code);
    expect(error.details.retryable).toBe(retryable);
    expect(asked).toEqual([{ path: "/rtc/validate", authorization: `Bearer ${jwt}` }]);
    expect(JSON.stringify([error.message, error.details, error.cause ?? ""])).not.toContain(jwt);
  });

  it("is the token's time where that is over or has not begun", async () => {
    const { url } = await answering(401);
    const nowS = Date.now() / 1000;
    expect((await explainFailedJoin(url, token({ exp: nowS - 1 }), false)).code).toBe("token-expired");
    expect((await explainFailedJoin(url, token({ nbf: nowS + 100 }), false)).code).toBe("token-expired");
  });

  it("asks below the address's own path", async () => {
    const { url, asked } = await answering(200);
    await explainFailedJoin(`${url}/livekit/`, token(), false);
    expect(asked[0]?.path).toBe("/livekit/rtc/validate");
  });

  it("is server-unreachable where nothing answers", async () => {
    const { url } = await answering(200);
    const server = opened.pop();
    await new Promise((resolve) => server?.close(resolve));
    expect(await explainFailedJoin(url, token(), false)).toMatchObject({ code: "server-unreachable", details: { retryable: true } });
  });
});
