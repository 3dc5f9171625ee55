import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createApiToken } from "@roomtone/dev-server/token";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { accessTo } from "./access-to.js";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

/** Two seconds, with threefold slack for a busy machine. */
const OUT_WITHIN_MS = 6000;

const server = withDevServer();
/** A WHIP endpoint of another kind of server, which takes nobody in. */
let foreign: Server;
let asked: IncomingMessage[] = [];
beforeAll(async () => {
  foreign = createServer((request, response) => {
    asked.push(request);
    response.writeHead(401).end(`who is ${request.headers.authorization}?`);
  });
  await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  asked = [];
  await endAll();
});
afterAll(async () => {
  foreign?.close();
});

const publish = (...args: string[]) => new Roomtone(["publish", "--driver", "whip", "--input", "tone:440", "--json", ...args]);

/** Who is in the room, and how many tracks each has, by the server's own account. */
async function inside(room: string): Promise<readonly (readonly [string, number])[]> {
  const response = await fetch(`${server().httpUrl}/twirp/livekit.RoomService/ListParticipants`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${createApiToken(server(), { room, roomAdmin: true })}` },
    body: JSON.stringify({ room }),
  });
  if (!response.ok) return [];
  const { participants } = (await response.json()) as { participants: { identity: string; tracks: unknown[] }[] };
  return participants.map(({ identity, tracks }) => [identity, tracks.length]);
}

it("publishes into a LiveKit server at its own address, says what a mute cannot show, and leaves on Ctrl-C", async () => {
  const keys = accessTo(server());
  const run = publish(...keys, "--room", "whip", "--identity", "ana", "--muted");
  expect(await run.event("connected")).toMatchObject({ room: "whip", identity: "ana" });
  expect(await run.event("published")).toMatchObject({ driver: "whip" });
  expect(await run.event("warning")).toMatchObject({ message: expect.stringContaining("WHIP cannot show that to others") });
  await expect.poll(() => inside("whip"), { timeout: 15_000 }).toEqual([["ana", 1]]);
  const { code, tookMs } = await run.end("SIGINT");
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(OUT_WITHIN_MS);
  expect(run.events.at(-1)).toMatchObject({ event: "closed", reason: "left" });
  await expect.poll(() => inside("whip"), { timeout: 2000 }).toEqual([]);
});

it("sends any text as the token to any endpoint, and repeats neither it nor what was answered", async () => {
  const { port } = foreign.address() as AddressInfo;
  const key = "rtsecret_stream-key~0123456789";
  const run = publish("--url", `http://127.0.0.1:${port}/live/whip`, "--token", key);
  expect((await run.exited).code).toBe(77);
  expect(asked.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([["POST", "/live/whip", `Bearer ${key}`]]);
  expect(run.events.find(({ event }) => event === "error")).toMatchObject({ code: "token-invalid" });
  expect(run.text + run.stderr).not.toContain(key);
  expect(run.text + run.stderr).not.toContain("/live/whip");
});

it("asks an endpoint without a token first, and says where it wants one", async () => {
  const { port } = foreign.address() as AddressInfo;
  const run = publish("--url", `http://127.0.0.1:${port}/whip`);
  expect((await run.exited).code).toBe(77);
  expect(asked[0]?.headers.authorization).toBeUndefined();
  expect(run.events.find(({ event }) => event === "error")).toMatchObject({ code: "token-missing" });
});
