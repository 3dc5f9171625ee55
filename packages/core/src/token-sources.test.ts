import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { customTokenSource, endpointTokenSource, literalTokenSource } from "./token-sources.js";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A real endpoint on a free port. */
async function endpoint(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?secret=hidden`;
}

const secret = "eyJhbGciOiJIUzI1NiJ9.secret.signature";
const good = JSON.stringify({ server_url: "ws://somewhere", participant_token: secret });

describe("an endpoint token source", () => {
  it("asks as LiveKit's standard says, and takes any 2xx", async () => {
    const seen: unknown[] = [];
    const address = await endpoint((request, response, body) => {
      seen.push(request.method, request.headers["content-type"], request.headers["x-key"], JSON.parse(body));
      response.writeHead(201).end(good);
    });
    const source = endpointTokenSource({ endpoint: address, fetch, headers: { "x-key": "1" } });
    const options = {
      roomName: "r",
      participantIdentity: "me",
      participantName: "Me",
      participantMetadata: "m",
      participantAttributes: { a: "b" },
    };
    expect(await source.fetch(options)).toEqual({ serverUrl: "ws://somewhere", participantToken: secret });
    expect(seen).toEqual([
      "POST",
      "application/json",
      "1",
      { room_name: "r", participant_identity: "me", participant_name: "Me", participant_metadata: "m", participant_attributes: { a: "b" } },
    ]);
    expect(await source.fetch({})).toEqual({ serverUrl: "ws://somewhere", participantToken: secret });
    expect(seen.at(-1)).toEqual({});
  });

  it("takes the older spelling, too", async () => {
    const address = await endpoint((_request, response) => response.end(JSON.stringify({ serverUrl: "ws://x", participantToken: "t" })));
    expect(await endpointTokenSource({ endpoint: address, fetch }).fetch({})).toEqual({ serverUrl: "ws://x", participantToken: "t" });
  });

  it.each([
    [500, good, true],
    [429, good, true],
    [401, good, false],
    [302, good, false],
    [200, "not json", false],
    [200, "null", false],
    [200, "", false],
    [200, JSON.stringify({ server_url: "ws://x" }), false],
    [200, JSON.stringify({ server_url: "ws://x", participant_token: "" }), false],
    [200, `"${"x".repeat(600_000)}"`, false],
  ])("answered with %i and %.30j, says endpoint-unreachable and repeats nothing of it", async (status, body, retryable) => {
    const address = await endpoint((_request, response) => response.writeHead(status).end(body));
    const error = await endpointTokenSource({ endpoint: address, fetch })
      .fetch({})
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "endpoint-unreachable", details: { status, retryable } });
    const { message, cause } = error as Error;
    expect(message).not.toContain("secret");
    expect(message).not.toContain("hidden");
    expect(cause).toBeUndefined();
  });

  it("says endpoint-unreachable where nothing listens, and where the answer breaks off", async () => {
    const broken = await endpoint((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{");
      setImmediate(() => response.destroy());
    });
    await expect(endpointTokenSource({ endpoint: broken, fetch }).fetch({})).rejects.toMatchObject({
      code: "endpoint-unreachable",
      details: { retryable: true },
    });
    server?.close();
    server?.closeAllConnections();
    await expect(endpointTokenSource({ endpoint: broken, fetch }).fetch({})).rejects.toMatchObject({
      code: "endpoint-unreachable",
      details: { retryable: true },
    });
  });
});

describe("other token sources", () => {
  it("give a literal as it is", async () => {
    expect(await literalTokenSource("ws://x", "t").fetch({}, true)).toEqual({ serverUrl: "ws://x", participantToken: "t" });
  });

  it("pass what a custom one is asked, and hide what it throws", async () => {
    const asked: unknown[] = [];
    const source = customTokenSource((options, force) => {
      asked.push(options, force);
      if (force) throw new Error(secret);
      return { serverUrl: "ws://x", participantToken: "t" };
    });
    expect(await source.fetch({ roomName: "r" })).toEqual({ serverUrl: "ws://x", participantToken: "t" });
    const error = await source.fetch({}, true).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "endpoint-unreachable" });
    expect((error as Error).message).not.toContain("secret");
    expect(asked).toEqual([{ roomName: "r" }, false, {}, true]);
  });
});
