import { request } from "node:http";
import { createApiToken } from "./access-token.js";
import type { ServerKeys } from "./server-keys.js";

const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Whether the server at `host:port` is up, and is ours: its health endpoint answers, and it accepts our key. The second
 * question tells our server from another one that took the port first.
 */
export async function isServerReady(host: string, port: number, keys: ServerKeys): Promise<boolean> {
  if ((await ask({ host, port, path: "/", method: "GET" })) !== 200) return false;
  const authorization = `Bearer ${createApiToken(keys, { roomList: true })}`;
  const path = "/twirp/livekit.RoomService/ListRooms";
  return (await ask({ host, port, path, method: "POST", headers: { authorization, "content-type": "application/json" } }, "{}")) === 200;
}

/** The answer's status, or undefined where none came. On a connection of its own, so that none lingers. */
function ask(
  options: { host: string; port: number; path: string; method: string; headers?: Record<string, string> },
  body?: string,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asking = request({ ...options, agent: false, timeout: REQUEST_TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.once("timeout", () => asking.destroy());
    asking.once("error", () => resolve(undefined));
    asking.once("close", () => resolve(undefined));
    asking.end(body);
  });
}
