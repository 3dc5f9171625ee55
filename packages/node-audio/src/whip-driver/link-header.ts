import type { IceServer } from "../opus-driver/ice-servers.js";

const MOST_SERVERS = 16;
const LINK = /<([^>]*)>((?:\s*;\s*[\w-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)/g;
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))/g;

/** The STUN and TURN servers that a `Link` header names (RFC 9725, 4.6). What is none, or cannot be used, is left out. */
export function iceServersFrom(link: string | null): IceServer[] {
  return [...(link ?? "").matchAll(LINK)]
    .flatMap(([, target = "", rest = ""]) => iceServer(target, parameters(rest)))
    .slice(0, MOST_SERVERS);
}

function iceServer(target: string, parameters: ReadonlyMap<string, string>): IceServer[] {
  const url = decode(target);
  if (!parameters.get("rel")?.split(/\s+/).includes("ice-server") || !/^(stuns?|turns?):[^\s]+$/i.test(url)) return [];
  if ((parameters.get("credential-type") ?? "password") !== "password") return [];
  const username = parameters.get("username");
  const credential = parameters.get("credential");
  return [{ urls: [url], ...(username && credential ? { username, credential } : {}) }];
}

function parameters(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(PARAMETER)].map(([, name = "", quoted, bare = ""]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, "$1") ?? bare]),
  );
}

/** LiveKit writes the `?` of a TURN address as %3F. */
function decode(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
