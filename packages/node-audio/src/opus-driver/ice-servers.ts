import { RoomtoneError } from "@roomtone/core";
import type { RTCPeerConnection } from "werift";

/** A STUN or TURN server as the server that we publish to names it. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

interface WeriftIceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/**
 * The server's own STUN and TURN servers. werift takes the first of each kind, so the TURN server comes first that helps most:
 * whoever reaches a LiveKit server by UDP needs no relay, so a relay's use is where only TLS or TCP goes out.
 */
export function iceServersForWerift(servers: readonly IceServer[]): WeriftIceServer[] {
  return servers
    .flatMap(({ urls, username, credential }) => urls.map((url) => ({ urls: url, ...(username ? { username, credential } : {}) })))
    .sort((a, b) => rank(a.urls) - rank(b.urls));
}

/**
 * Where only a relay is allowed, some server has to be one: without any, werift would look for the direct ways after all.
 * @throws RoomtoneError `unsupported`
 */
export function checkRelay(policy: "all" | "relay", servers: readonly IceServer[]): void {
  const isRelay = ({ urls, username, credential }: IceServer) =>
    Boolean(username && credential) && urls.some((url) => /^turns?:/i.test(url));
  if (policy === "all" || servers.some(isRelay)) return;
  const message =
    "Only a relay is allowed (iceTransportPolicy), and the server names none. Set up TURN at the server, or allow other ways.";
  throw new RoomtoneError("unsupported", message);
}

function rank(url: string): number {
  if (url.startsWith("turns:")) return 0;
  if (url.startsWith("turn:")) return url.includes("transport=tcp") ? 1 : 2;
  return 3;
}

/** Where the server names no STUN server, werift would ask a public one, and wait for it. To be called before candidates are gathered. */
export function forgetDefaultStunServer(peer: RTCPeerConnection, servers: readonly IceServer[]): void {
  if (servers.some(({ urls }) => urls.some((url) => url.startsWith("stun:")))) return;
  for (const { connection } of peer.iceTransports) Object.assign(connection, { stunServer: undefined });
}
