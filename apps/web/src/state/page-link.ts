import { tidyName } from "./names.js";

/** What a link to the studio says. It never holds a token. */
export interface PageLink {
  readonly roomName: string;
  /** Come in at once, to listen. */
  readonly listen: boolean;
  /** A LiveKit server other than the page's own; empty for the page's own. */
  readonly serverUrl: string;
}

export function readPageLink(search: string): PageLink {
  const query = new URLSearchParams(search);
  return {
    roomName: tidyName(query.get("room") ?? ""),
    listen: query.has("listen"),
    serverUrl: readServerUrl(query.get("url") ?? "") ?? "",
  };
}

/** `text` as the address of a LiveKit server, without whatever else it holds; undefined where it is none. */
export function readServerUrl(text: string): string | undefined {
  try {
    const url = new URL(text.trim());
    if (!/^(wss?|https?):$/.test(url.protocol) || url.hostname === "") return undefined;
    return `${url.protocol.replace("http", "ws")}//${url.host}${url.pathname.replace(/\/$/, "")}`;
  } catch {
    return undefined;
  }
}

/** The link that brings somebody else here: the room and, where it is not the page's own, the server. */
export function writePageLink(page: string, { roomName, listen, serverUrl }: PageLink): string {
  const link = new URL(page);
  link.search = "";
  link.hash = "";
  link.username = "";
  link.password = "";
  if (roomName) link.searchParams.set("room", roomName);
  if (serverUrl) link.searchParams.set("url", serverUrl);
  return listen ? `${link.href}${link.search ? "&" : "?"}listen` : link.href;
}

/** Whether a link to `hostname` leads nowhere on another machine. */
export function isThisMachineOnly(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname.startsWith("127.") || hostname === "[::1]";
}
