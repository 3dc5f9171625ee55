import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ICEServer, JoinRequest, WrappedJoinRequest } from "@livekit/protocol";
import { isRoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { audioLevelByte, audioLevelDbov } from "../encoding/audio-level.js";
import { iceServersForWerift } from "./ice-servers.js";
import { refusalError, SignalRefusal } from "./refusals.js";
import { signalAddress } from "./signal-address.js";
import { openSignal } from "./signal-socket.js";

const token = `rtsecret_${"t".repeat(40)}`;

describe("the signal address", () => {
  it("keeps the server's own path, asks for no subscription, and holds no token", () => {
    const address = signalAddress("https://host.test/livekit/", "/rtc/v1");
    expect(address.href).toMatch(/^wss:\/\/host\.test\/livekit\/rtc\/v1\?join_request=/);
    const wrapped = WrappedJoinRequest.fromBinary(Buffer.from(address.searchParams.get("join_request") ?? "", "base64url"));
    expect(JoinRequest.fromBinary(wrapped.joinRequest).connectionSettings?.autoSubscribe).toBe(false);
    expect(signalAddress("ws://host.test", "/rtc", { resume: { participantSid: "PA_1" } }).search).toContain(
      "auto_subscribe=0&adaptive_stream=0&reconnect=1&sid=PA_1",
    );
  });

  it.each(["not a url", "ftp://host.test"])("refuses %s as usage", (url) => {
    expect(() => signalAddress(url, "/rtc")).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("a server's refusal", () => {
  it.each([
    [401, `invalid token: ${token}, error: token is expired (exp)`, "token-expired"],
    [401, `invalid token: ${token}, error: signature`, "token-invalid"],
    [404, "requested room does not exist", "room-refused"],
    [429, "", "server-full"],
    [500, "could not join", "server-full"],
    [503, "node has exceeded its configured limit", "server-full"],
    [502, "bad gateway", "server-unreachable"],
    [403, "", "room-refused"],
  ])("with status %i is named, and nothing of its body is repeated", async (status, body, code) => {
    const server = createServer((_request, response) => void response.writeHead(status).end(body)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const refusal = await openSignal(new URL(`ws://127.0.0.1:${port}/rtc`), token, 5000).catch((error: unknown) => error);
    server.close();
    if (!(refusal instanceof SignalRefusal)) expect.unreachable();
    const error = refusalError(refusal, token);
    expect(isRoomtoneError(error, code as typeof error.code)).toBe(true);
    expect(`${error.message} ${JSON.stringify(error.details)} ${error.stack} ${refusal.stack}`).not.toContain("rtsecret_");
  });
});

describe("a signal connection", () => {
  it("carries the token in a header, and counts as lost when pings go unanswered", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    const connected = once(server, "connection");
    const client = await openSignal(new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/rtc`), token, 5000);
    const [, request] = await connected;
    expect(request.headers.authorization).toBe(`Bearer ${token}`);
    expect(request.url).not.toContain(token);
    const lost = new Promise<string>((onLost) => client.listen({ onMessage: () => {}, onLost }));
    client.keepAlive({ pingInterval: 0.05, pingTimeout: 0.1 });
    expect(await lost).toContain("pings");
    await client.close();
    await client.close();
    server.close();
  });
});

describe("ICE servers", () => {
  it("begin with the relay that gets through most firewalls", () => {
    const urls = ["stun:a", "turn:b?transport=udp", "turn:c?transport=tcp", "turns:d"];
    expect(iceServersForWerift([new ICEServer({ urls, username: "u", credential: "c" })]).map((server) => server.urls)).toEqual([
      "turns:d",
      "turn:c?transport=tcp",
      "turn:b?transport=udp",
      "stun:a",
    ]);
  });
});

describe("the audio level", () => {
  it("is 0 for full scale, 127 for silence, and marks voice", () => {
    expect(audioLevelDbov(new Int16Array(480))).toBe(127);
    expect(audioLevelDbov(new Int16Array(480).fill(-32_768))).toBe(0);
    expect(audioLevelDbov(new Int16Array(480).fill(3277))).toBe(20);
    expect([audioLevelByte(20), audioLevelByte(127)]).toEqual([0x80 | 20, 127]);
  });
});
