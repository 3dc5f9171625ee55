import { join } from "node:path";
import { endpointTokenSource, isRoomtoneError, type RoomDriver, RoomtoneError } from "@roomtone/core";
import { joinRoom, whipDriver } from "@roomtone/node-audio";
import { signToken } from "../support/moderator.js";
import { openRawAnswers } from "../support/raw-answers.js";
import { answerSdp } from "./descriptions.js";
import type { ClosableTarget } from "./server-messages.js";
import { staysHere, Unattended } from "./unattended.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const http = (status: string, headers: readonly string[], body: string) => bytes([`HTTP/1.1 ${status}`, ...headers, "", body].join("\r\n"));
const SECRET = `rtsecret_${"f".repeat(40)}`;
const token = signToken(SECRET, { iss: "k", sub: "me", exp: 4_102_444_800, video: { roomJoin: true, room: "room" } });
const corpus = (name: string) => join(import.meta.dirname, "corpus", name);

/** Where a good answer leads: a room that nobody is let into, so that every input ends. */
const closedDoor: RoomDriver = {
  name: "closed",
  adapts: [],
  canSubscribe: false,
  connect: () => Promise.reject(new RoomtoneError("room-refused", "The door is closed.")),
};

function checkEnd(error: unknown): void {
  if (!isRoomtoneError(error)) throw error;
  if (`${error.message} ${JSON.stringify(error.details)}`.includes(token.slice(0, 30))) throw new Error("the error holds the token");
}

/** Whatever a token endpoint answers, there is a token, or a sentence. */
export async function endpointTarget(budgetMs: number): Promise<ClosableTarget> {
  const server = await openRawAnswers();
  const unattended = new Unattended();
  const json = ["content-type: application/json"];
  const body = JSON.stringify({ server_url: "ws://127.0.0.1:9", participant_token: token });
  return {
    corpus: corpus("endpoint-answers"),
    budgetMs,
    seeds: [
      http("200 OK", json, body),
      http("200 OK", [...json, `content-length: ${body.length}`], body),
      http("200 OK", ["transfer-encoding: chunked"], `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`),
      http("200 OK", json, JSON.stringify({ serverUrl: "ws://127.0.0.1:9", participantToken: token, extra: [null, 1, { a: [] }] })),
      http("200 OK", json, JSON.stringify({ server_url: 5, participant_token: { toString: 1 } })),
      http("200 OK", json, "[".repeat(100_000)),
      http("200 OK", json, `{"server_url":${"[".repeat(5000)}${"]".repeat(5000)},"participant_token":"a.b.c"}`),
      http("307 Temporary Redirect", [`location: ${server.url}/`], ""),
      http("401 Unauthorized", json, `{"error":"${token}"}`),
      http("503 Service Unavailable", ["retry-after: 1"], ""),
    ],
    run: async (input) => {
      if (!staysHere(input)) return;
      server.answer = input;
      const tokenSource = endpointTokenSource({
        endpoint: server.url,
        fetch: (url, init) => fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(5000) }),
      });
      await joinRoom({ tokenSource }, { driver: closedDoor, joinRetries: 0 }).then(
        () => Promise.reject(new Error("nobody is let in")),
        checkEnd,
      );
      await unattended.check();
    },
    close: () => {
      unattended.close();
      return server.close();
    },
  };
}

/** Whatever a WHIP server answers to an offer, there is a session, or a sentence. */
export async function whipAnswerTarget(budgetMs: number): Promise<ClosableTarget> {
  const server = await openRawAnswers();
  const unattended = new Unattended();
  const sdp = answerSdp.slice(0, answerSdp.indexOf("m=application")).replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0");
  const created = ["content-type: application/sdp", "location: /session/1", 'etag: "1"'];
  return {
    corpus: corpus("whip-answers"),
    budgetMs,
    seeds: [
      http("201 Created", created, sdp),
      http("201 Created", [...created, 'link: <turn:127.0.0.1:9?transport=udp>; rel="ice-server"; username="u"; credential="c"'], sdp),
      http("201 Created", created, sdp.replace(/a=candidate.*\r\n/g, "")),
      http("307 Temporary Redirect", ["location: /elsewhere"], ""),
      http("401 Unauthorized", [], "no"),
      http("405 Method Not Allowed", ["allow: GET"], ""),
    ],
    run: async (input) => {
      if (!staysHere(input)) return;
      server.answer = input;
      const enough = new AbortController();
      // Long enough for an answer from this machine; without it a way for media would be looked for, for seconds.
      const timer = setTimeout(() => enough.abort(new Error("seen enough")), 50);
      try {
        const options = { url: `${server.url}/whip`, token: "", subscribe: false, on: () => {} };
        const connection = await whipDriver().connect(options, enough.signal);
        await connection.close();
      } catch (error) {
        if (error !== enough.signal.reason) checkEnd(error);
      } finally {
        clearTimeout(timer);
      }
      await unattended.check();
    },
    close: () => {
      unattended.close();
      return server.close();
    },
  };
}
