import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { dirname, extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), "..");
const nodeModules = join(packageFolder, "node_modules");

/** What the pages import, by bare name: the built package and its dependencies as they are installed. */
const importMap = {
  imports: {
    "@roomtone/web-audio": "/web-audio/index.js",
    "@roomtone/web-audio/meter": "/web-audio/meter.js",
    "@roomtone/web-audio/recorder": "/web-audio/recorder.js",
    "@roomtone/core": "/core/index.js",
    "livekit-client": "/livekit-client/livekit-client.esm.mjs",
    mediabunny: "/mediabunny/mediabunny.min.mjs",
  },
};

const mounts: ReadonlyMap<string, string> = new Map([
  ["web-audio", join(packageFolder, "dist")],
  ["moved", join(packageFolder, "dist")],
  ["core", join(nodeModules, "@roomtone/core/dist")],
  ["livekit-client", join(nodeModules, "livekit-client/dist")],
  ["mediabunny", join(nodeModules, "mediabunny/dist/bundles")],
  ["page", join(packageFolder, "test/page")],
]);

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
};

export interface PageServer {
  /** `http://127.0.0.1:…`, which browsers take for a secure origin. */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves an empty page whose import map finds the package, under the strictest content security policy that a room can work
 * under: scripts of one's own, and connections to the page's server and the LiveKit server alone.
 * @param connect more origins that pages may connect to
 * `?run=NAME` runs that module of `test/page` without any help of the test's.
 * @param folder served at `/` in place of the empty page, as a bundler built it
 * @param directives more of the policy
 */
export async function servePages(
  connect: readonly string[] = [],
  folder?: string,
  directives: readonly string[] = [],
): Promise<PageServer> {
  const inlineMap = JSON.stringify(importMap);
  const mapHash = createHash("sha256").update(inlineMap).digest("base64");
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${mapHash}'`,
    "media-src 'self' blob:",
    `connect-src 'self' ${connect.join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    ...directives,
  ].join("; ");
  const pageFor = (module: string | null) => {
    const script = module && /^[a-z-]+$/.test(module) ? `<script type="module" src="/page/${module}.js"></script>` : "";
    return `<!doctype html><html lang="en"><title>Test</title><script type="importmap">${inlineMap}</script>${script}<button>Click</button>`;
  };

  const server = createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const answer = (status: number, type: string, body: string | Buffer) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": policy, "cache-control": "no-store" });
      response.end(body);
    };
    if (path === "/" && !folder) return answer(200, "text/html; charset=utf-8", pageFor(searchParams.get("run")));
    read(path, folder).then(
      ({ body, type }) => answer(200, type, body),
      () => answer(404, "text/plain", "not found"),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { origin: `http://127.0.0.1:${port}`, port, close: () => closeServer(server) };
}

async function read(path: string, folder: string | undefined): Promise<{ body: string | Buffer; type: string }> {
  const [mount = "", ...rest] = path.slice(1).split("/");
  const root = folder ?? mounts.get(mount);
  if (!root) throw new Error("no such mount");
  const file = join(root, normalize(folder ? (path === "/" ? "index.html" : path.slice(1)) : rest.join("/")));
  if (!file.startsWith(root + sep)) throw new Error("outside");
  const type = contentTypes[extname(file)] ?? "application/octet-stream";
  // The tests' own modules are TypeScript, and import each other as what they compile to.
  if (mount === "page") return { body: stripTypeScriptTypes((await readFile(file.replace(/\.js$/, ".ts"))).toString()), type };
  return { body: await readFile(file), type };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
