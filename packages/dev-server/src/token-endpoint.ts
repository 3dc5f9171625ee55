import type { IncomingMessage, ServerResponse } from "node:http";
import { createAccessToken } from "./access-token.js";
import type { RateLimit } from "./rate-limit.js";
import type { Refusal } from "./request-guard.js";
import type { ServerKeys } from "./server-keys.js";
import { readTokenRequest } from "./token-request.js";

const MAX_BODY_BYTES = 65_536;
const DEFAULT_BODY_WITHIN_MS = 5_000;

export interface TokenEndpointOptions {
  readonly keys: ServerKeys;
  /** What the answer calls `server_url`. */
  readonly serverUrl: string;
  readonly defaultRoomName: string;
  readonly allowedOrigins: readonly string[];
  readonly bodyWithinMs?: number;
  /** How many tokens are made. */
  readonly rate: RateLimit;
}

/** Answers `/token`, for a request that the guard has let through. */
export async function answerTokenRequest(request: IncomingMessage, response: ServerResponse, options: TokenEndpointOptions): Promise<void> {
  const { origin } = request.headers;
  response.setHeader("Vary", "Origin");
  if (origin && options.allowedOrigins.includes(origin)) response.setHeader("Access-Control-Allow-Origin", origin);
  if (request.method === "OPTIONS" && origin) {
    response.writeHead(204, {
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": "content-type",
      "Access-Control-Max-Age": "600",
      // A page of a public address asks for this before it may reach a loopback one.
      ...(request.headers["access-control-request-private-network"] ? { "Access-Control-Allow-Private-Network": "true" } : {}),
    });
    response.end();
    return;
  }
  if (request.method !== "POST") {
    response.setHeader("Allow", "POST, OPTIONS");
    return answerRefusal(response, { status: 405, message: "Ask for a token with POST." });
  }
  // A form of another site can send other types without asking the browser first.
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    return answerRefusal(response, { status: 415, message: "The body's type must be application/json." });
  }
  if (!options.rate.take()) {
    return answerRefusal(response, { status: 429, message: "Too many tokens were asked for: wait a second.", retryAfterS: 1 });
  }
  const body = await readBody(request, options.bodyWithinMs ?? DEFAULT_BODY_WITHIN_MS);
  if (typeof body !== "string") return answerRefusal(response, body);
  const claims = readTokenRequest(body, options.defaultRoomName);
  if ("status" in claims) return answerRefusal(response, claims);
  const participantToken = await createAccessToken({ ...options.keys, ...claims });
  answerJson(response, 201, { server_url: options.serverUrl, participant_token: participantToken });
}

export function answerRefusal(response: ServerResponse, { status, message, retryAfterS }: Refusal): void {
  if (retryAfterS !== undefined) response.setHeader("Retry-After", String(retryAfterS));
  // Whatever else of the request is on its way is not read: the connection ends with the answer.
  response.setHeader("Connection", "close");
  answerJson(response, status, { error: message });
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`${JSON.stringify(value)}\n`);
}

function readBody(request: IncomingMessage, withinMs: number): Promise<string | Refusal> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let receivedBytes = 0;
    const settle = (result: string | Refusal): void => {
      clearTimeout(timer);
      request.removeAllListeners("data");
      resolve(result);
    };
    const timer = setTimeout(() => settle({ status: 408, message: "The body did not arrive in time." }), withinMs);
    request.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes > MAX_BODY_BYTES) settle({ status: 413, message: `The body is larger than ${MAX_BODY_BYTES} bytes.` });
      else chunks.push(chunk);
    });
    request.once("end", () => settle(decode(Buffer.concat(chunks))));
    request.once("error", () => settle({ status: 400, message: "The body did not arrive." }));
  });
}

function decode(bytes: Buffer): string | Refusal {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { status: 400, message: "The body must be UTF-8." };
  }
}
