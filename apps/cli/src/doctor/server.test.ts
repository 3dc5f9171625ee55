import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { readToken } from "@roomtone/core";
import { createAccessToken } from "@roomtone/dev-server/token";
import { describe, expect, it } from "vitest";
import { checkClock, checkServer, checkTokenAtServer } from "./server.js";

const { signal } = new AbortController();

async function withServer<Result>(listener: RequestListener, use: (url: string) => Promise<Result>): Promise<Result> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("the doctor asks the server", () => {
  it("whether it is there, and what time it is", async () => {
    const { result, dateHeader } = await withServer(
      (_request, response) => response.end("OK"),
      (url) => checkServer(url, signal),
    );
    expect(result).toMatchObject({ result: "ok", message: expect.stringContaining("127.0.0.1") });
    expect(checkClock(dateHeader)).toEqual({ result: "ok", message: "agrees with the server's" });
  });

  it("and says what to do where nothing answers", async () => {
    const { result } = await checkServer("ws://127.0.0.1:1", signal);
    expect(result).toMatchObject({ result: "failed", fix: expect.stringContaining("port") });
  });

  it("and finds a clock that is an hour off", () => {
    const receivedMs = Date.UTC(2026, 0, 1, 12);
    const value = new Date(receivedMs - 3_600_000).toUTCString();
    expect(checkClock({ value, receivedMs })).toMatchObject({ result: "failed", message: "3600 s ahead of the server's" });
    expect(checkClock({ value, receivedMs: receivedMs - 3_620_000 })).toMatchObject({ result: "ok", message: "20 s behind the server's" });
    expect(checkClock({ value: "yesterday", receivedMs })).toMatchObject({ result: "skipped" });
  });

  it("whether it takes the token, which travels in a header and is never repeated", async () => {
    const token = await createAccessToken({
      apiKey: "k",
      apiSecret: "rtsecret_doctor_0123456789abcdefgh",
      identity: "ana",
      roomName: "stage",
    });
    const seen: (string | undefined)[] = [];
    const answer = (status: number) =>
      withServer(
        (request, response) => {
          seen.push(request.url, request.headers.authorization);
          response.writeHead(status).end(`token ${token} refused`);
        },
        (url) => checkTokenAtServer(url, token, readToken(token), signal),
      );
    expect(await answer(200)).toMatchObject({ result: "ok", message: expect.stringContaining("stage as ana") });
    const refused = await answer(401);
    expect(refused).toMatchObject({ result: "failed", fix: expect.stringContaining("secret") });
    expect(JSON.stringify(refused)).not.toContain(token);
    expect(seen.slice(0, 2)).toEqual(["/rtc/validate", `Bearer ${token}`]);
  });
});
