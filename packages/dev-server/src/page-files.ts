import { readdir, readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { RoomtoneError } from "@roomtone/core";

const compress = promisify(gzip);
/** What is not compressed already; a few bytes are not worth it. */
const compressible = /^text\/|[/+](json|xml)\b/;
const MIN_COMPRESSED_BYTES = 1_024;

const contentTypes: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".mjs", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".ico", "image/x-icon"],
  [".json", "application/json; charset=utf-8"],
  [".webmanifest", "application/manifest+json"],
  [".wasm", "application/wasm"],
  [".woff2", "font/woff2"],
  [".txt", "text/plain; charset=utf-8"],
]);

/** The files of a page, by URL path. What is not in this list does not exist: no request is ever joined to a path. */
export type PageFiles = ReadonlyMap<string, { readonly path: string; readonly contentType: string }>;

/** Lists `folder`: regular files only, so that a link to elsewhere is not followed. `index.html` is `/` too. */
export async function listPageFiles(folder: string): Promise<PageFiles> {
  const files = new Map<string, { path: string; contentType: string }>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new RoomtoneError(
      "usage",
      `The page's folder ${folder} cannot be read: build the page, or give another.`,
      { path: folder },
      { cause: error },
    );
  });
  for (const entry of entries) {
    const contentType = contentTypes.get(extname(entry.name).toLowerCase());
    if (!entry.isFile() || !contentType || entry.name.startsWith(".")) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${path.slice(join(folder, sep).length).split(sep).join("/")}`, { path, contentType });
  }
  const index = files.get("/index.html");
  if (index) files.set("/", index);
  return files;
}

/**
 * What the page may do: its own files, and connections to itself and to the LiveKit servers at `liveKitUrls` (`ws:` or `wss:`).
 * A server of LiveKit Cloud sends its clients to the others of its region.
 */
export function contentSecurityPolicy(liveKitUrls: readonly string[]): string {
  const servers = liveKitUrls.flatMap((url) => {
    const origin = /\.livekit\.cloud$/.test(url) ? "wss://*.livekit.cloud" : url;
    return [origin, origin.replace(/^ws/, "http")];
  });
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "manifest-src 'self'",
    `connect-src 'self' ${servers.join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The LiveKit server that a request for the page names in `?url=`, without path or credentials; none where it names no such thing. */
export function namedLiveKitUrl(requestUrl: string): readonly string[] {
  try {
    const { protocol, host } = new URL(new URL(requestUrl, "http://page").searchParams.get("url") ?? "");
    // What a URL calls a host holds no character that means something in a policy; an address in brackets means nothing there.
    return /^wss?:$/.test(protocol) && /^[a-z0-9.-]+(:\d+)?$/.test(host) ? [`${protocol}//${host}`] : [];
  } catch {
    return [];
  }
}

/** Answers a GET or HEAD for a file of the page. */
export async function answerPageRequest(
  request: IncomingMessage,
  response: ServerResponse,
  file: { readonly path: string; readonly contentType: string },
): Promise<void> {
  const plain = await readFile(file.path);
  const compressed = compressible.test(file.contentType) && plain.length >= MIN_COMPRESSED_BYTES && takesGzip(request);
  // Through a tunnel or a proxy the page may come over a slow line.
  const content = compressed ? await compress(plain) : plain;
  response.writeHead(200, {
    "Content-Type": file.contentType,
    "Content-Length": content.length,
    "Cache-Control": "no-cache",
    Vary: "Accept-Encoding",
    ...(compressed ? { "Content-Encoding": "gzip" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : content);
}

function takesGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(headers["accept-encoding"] ?? ""));
}
