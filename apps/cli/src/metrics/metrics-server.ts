import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { RoomtoneError } from "@roomtone/core";
import type { MetricsAddress } from "./metrics-address.js";
import type { PublishMetrics } from "./publish-metrics.js";

const MAX_CONNECTIONS = 32;

export interface MetricsServer {
  /** `http://127.0.0.1:9464`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `/metrics` and `/healthz`, to be read only. @throws RoomtoneError `usage` where the port cannot be listened on */
export async function startMetricsServer({ host, port }: MetricsAddress, metrics: PublishMetrics): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 1000 });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("request", (request, response) => {
    answer(request, response, { metrics, anyHost: !isLoopback(host) }).catch(() =>
      response.writeHead(500).end("These figures could not be read.\n"),
    );
  });
  await listen(server, { host, port });
  const bound = server.address() as AddressInfo;
  const shown = isIP(bound.address) === 6 ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${shown}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Answering {
  readonly metrics: PublishMetrics;
  /** Whoever listens beyond this machine is asked by names that we do not know. */
  readonly anyHost: boolean;
}

async function answer(request: IncomingMessage, response: ServerResponse, { metrics, anyHost }: Answering): Promise<void> {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Cache-Control", "no-store");
  const refuse = (status: number, sentence: string) => response.writeHead(status, { "Content-Type": "text/plain" }).end(`${sentence}\n`);
  // A stranger's name that leads here (DNS rebinding) shows in Host, a stranger's page in Origin or Sec-Fetch-Site.
  if (!anyHost && !isOurs(request.headers.host)) return void refuse(421, "Ask by the address, or by localhost.");
  if (request.headers.origin !== undefined || request.headers["sec-fetch-site"] === "cross-site")
    return void refuse(403, "Pages may not ask.");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return void refuse(405, "Figures are asked for with GET.");
  }
  const path = (request.url ?? "/").replace(/[?#].*$/s, "");
  if (path === "/metrics") {
    const text = await metrics.render();
    response.writeHead(200, { "Content-Type": metrics.registry.contentType }).end(text);
  } else if (path === "/healthz") {
    const { healthy, tracks } = metrics.health();
    response.writeHead(healthy ? 200 : 503, { "Content-Type": "application/json" }).end(`${JSON.stringify({ healthy, tracks })}\n`);
  } else refuse(404, "There is /metrics, and /healthz.");
}

function listen(server: Server, { host, port }: MetricsAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "is taken by another program" : `cannot be listened on (${cause.code})`;
      reject(new RoomtoneError("usage", `Port ${port} of ${host} ${why}: give --metrics another one.`, { option: "--metrics" }, { cause }));
    });
    server.listen({ host, port, exclusive: true }, () => resolve());
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function isOurs(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, "").replace(/^\[|\]$/g, "") ?? "";
  return name === "localhost" || isIP(name) !== 0;
}
