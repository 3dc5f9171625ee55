import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RoomtoneError } from "@roomtone/core";
import { answerPageRequest, contentSecurityPolicy, listPageFiles, namedLiveKitUrl, type PageFiles } from "./page-files.js";
import { RateLimit } from "./rate-limit.js";
import { refuse } from "./request-guard.js";
import type { ServerKeys } from "./server-keys.js";
import { answerRefusal, answerTokenRequest } from "./token-endpoint.js";

const MAX_CONNECTIONS = 256;
/** A fleet that starts together gets its tokens; a loop that asks for ever does not keep the processor busy. */
const TOKENS_AT_ONCE = 500;
const TOKENS_PER_S = 50;

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly keys: ServerKeys;
  /** `ws://…` of the LiveKit server. */
  readonly liveKitUrl: string;
  readonly defaultRoomName: string;
  readonly allowedOrigins: readonly string[];
  /** Folder of the page's files. */
  readonly listenPage: string | undefined;
  /** How long a token request's body may take. Default 5000. */
  readonly bodyWithinMs?: number;
}

/** The token endpoint and the page, on one loopback port. */
export interface HttpServer {
  readonly port: number;
  /** Ends every connection. Idempotent. */
  close(): Promise<void>;
}

/** @throws RoomtoneError `usage` where the port is taken or the page's folder cannot be read */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const page: PageFiles = options.listenPage === undefined ? new Map() : await listPageFiles(options.listenPage);
  const server = createServer({
    requestTimeout: 10_000,
    headersTimeout: 5_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const rate = new RateLimit({ burst: TOKENS_AT_ONCE, perS: TOKENS_PER_S });
  const port = await listen(server, options);
  server.on("request", (request, response) => {
    answer(request, response, { ...options, port, page, rate }).catch(() => {
      answerRefusal(response, { status: 500, message: "This request could not be answered." });
    });
  });
  let closing: Promise<void> | undefined;
  return {
    port,
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions & { page: PageFiles; rate: RateLimit },
): Promise<void> {
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Content-Security-Policy", contentSecurityPolicy([options.liveKitUrl, ...namedLiveKitUrl(request.url ?? "/")]));
  const refusal = refuse(request, options);
  if (refusal) return answerRefusal(response, refusal);
  const path = (request.url ?? "/").replace(/[?#].*$/s, "");
  if (path === "/token") {
    return answerTokenRequest(request, response, { ...options, serverUrl: options.liveKitUrl });
  }
  const file = options.page.get(path);
  if (!file) {
    const message = path === "/" ? "This server has no page: ask /token for a token." : "There is no such page.";
    return answerRefusal(response, { status: 404, message });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return answerRefusal(response, { status: 405, message: "A page is asked for with GET." });
  }
  return answerPageRequest(request, response, file);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === "EADDRINUSE";
      const what = taken ? `Port ${port} is taken by another program` : `Port ${port} of ${host} cannot be listened on (${cause.code})`;
      reject(new RoomtoneError("usage", `${what}: choose another port, or none for any free one.`, { option: "port" }, { cause }));
    });
    server.listen({ host, port, exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}
