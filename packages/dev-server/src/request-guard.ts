import type { IncomingMessage } from "node:http";

/** Why a request is refused: a status and a sentence for the person who made it. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** When to ask again. */
  readonly retryAfterS?: number;
}

export interface GuardOptions {
  /** Where the server listens. */
  readonly port: number;
  readonly host: string;
  /** Other origins that may ask, as browsers spell them: `http://localhost:5173`. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses what a page of a stranger could make a browser send. A name of the stranger's that resolves to loopback (DNS
 * rebinding) is caught by the Host header, a page of another origin by the Origin header. Programs send no Origin: whoever
 * runs a program on this machine may have a token.
 */
export function refuse(request: IncomingMessage, options: GuardOptions): Refusal | undefined {
  const ours = new Set([options.host, "localhost", "127.0.0.1"].map((name) => `${name}:${options.port}`));
  const host = request.headers.host?.toLowerCase();
  if (!host || !ours.has(host)) {
    return { status: 421, message: `This server answers to ${[...ours].join(", ")} only.` };
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}` && !options.allowedOrigins.includes(origin)) {
    return { status: 403, message: "Pages of this origin may not ask: allow the origin where the server is started." };
  }
  // A frame or a form of another site sends no Origin with GET; it has nothing to look for at the token endpoint.
  return undefined;
}
