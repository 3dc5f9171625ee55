import type { RoomEvent, RoomSession } from "@roomtone/core";
import { joinRoom } from "@roomtone/node-audio";
import type { Hall } from "./hall.js";
import { openWhipProxy, type WhipProxy, type WhipProxyOptions } from "./whip-proxy.js";

/** A stream key: no JWT, which is what most WHIP servers take. */
export const STREAM_KEY = "rtsecret_stream-key~0123456789";

/** A WHIP endpoint that lets any stream key into the hall. */
export async function openEndpoint(hall: Hall, options: WhipProxyOptions = {}): Promise<WhipProxy> {
  const proxy = await openWhipProxy(hall.server.httpUrl, { token: () => hall.token("me"), ...options });
  return hall.lifetime.own(proxy, (opened) => opened.close());
}

export async function joinEndpoint(hall: Hall, proxy: WhipProxy, events: RoomEvent[] = [], token = STREAM_KEY): Promise<RoomSession> {
  const options = { driver: "whip", on: { any: (event: RoomEvent) => void events.push(event) } };
  return hall.lifetime.own(await joinRoom({ url: proxy.url, token }, options), (room) => room.close());
}
