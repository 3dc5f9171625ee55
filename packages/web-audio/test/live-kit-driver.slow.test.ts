import { createHmac } from "node:crypto";
import { dispose } from "@livekit/rtc-node";
import { Lifetime } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { describeRoomDriver, type ExamTokenOptions, type RoomDriverExamEnvironment, systemTime } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { afterAll } from "vitest";
import { BrowserDriver } from "./browser-driver.js";
import { launchChromium } from "./chromium.js";
import { servePages } from "./page-server.js";
import { createModerator } from "./room-moderator.js";

describeRoomDriver("the livekit-client driver in Chromium", openEnvironment);

afterAll(() => dispose());

async function openEnvironment(): Promise<RoomDriverExamEnvironment> {
  const lifetime = new Lifetime();
  try {
    const server = lifetime.own(await startDevServer(), (opened) => opened.close());
    const deadUrl = "ws://127.0.0.1:9";
    const pages = lifetime.own(await servePages([server.url, server.httpUrl, deadUrl, "http://127.0.0.1:9"]), (opened) => opened.close());
    const browser = lifetime.own(await launchChromium(), (opened) => opened.close());
    const page = await browser.newPage();
    const inPage = await BrowserDriver.open(page, `${pages.origin}/?run=driver-host`);
    return {
      driver: inPage.driver,
      url: server.url,
      deadUrl,
      time: systemTime(),
      abilities: { replace: true, networkSamples: true, data: true },
      token: (options) => examToken(server, options),
      join: async ({ identity, room }) => RtcNodePeer.join(server.url, await server.createToken({ identity, roomName: room })),
      moderator: createModerator(server.httpUrl, server.apiKey, server.apiSecret),
      capture: (frequencyHz) => inPage.capture(frequencyHz),
      close: () => lifetime.close(),
    };
  } catch (error) {
    await lifetime.close();
    throw error;
  }
}

async function examToken(server: DevServer, { identity, room, name, metadata, grants, fault }: ExamTokenOptions): Promise<string> {
  const claims = { identity, roomName: room, ...(name ? { name } : {}), ...(metadata ? { metadata } : {}), ...grants };
  const token = await server.createToken(claims);
  if (!fault) return token;
  const [header = "", payload = ""] = token.split(".");
  const nowS = Math.floor(Date.now() / 1000);
  const times = fault === "expired" ? { nbf: nowS - 7200, exp: nowS - 3600 } : {};
  const body = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), ...times })).toString("base64url");
  const secret = fault === "wrong-signature" ? "another secret" : server.apiSecret;
  return `${header}.${body}.${createHmac("sha256", secret).update(`${header}.${body}`).digest("base64url")}`;
}
