import { type AbortSignalLike, whenAborted } from "@roomtone/core";
import { httpAddress } from "./rtc-driver/preflight.js";

/** The other side's process is gone: its machine answers for it. Any other error is ours or the network's, and says nothing of the server. */
const GONE = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "HPE_INVALID_CONSTANT"]);

/**
 * Whether the server behind `url` answers HTTP at all: `GET /`, any status below 500. False where it refuses, resets or
 * answers 5xx: its process is gone. Silence, or a network of our own that is down, is neither: it waits for the signal.
 * Rejects with the signal's reason only.
 */
export async function probeServer(url: string, signal: AbortSignalLike): Promise<boolean> {
  const address = httpAddress(url);
  // At the first probe: to import either reads all that it exports, which loads an HTTP client of 30 ms that nobody needs to join.
  const { get } = await import(address.protocol === "https:" ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    // A connection of its own each time: a pooled one may be a dead one. Nothing secret is sent, so any certificate will do.
    const options = { agent: false as const, rejectUnauthorized: false };
    const request = get(address, options);
    const finish = (settle: () => void) => {
      stopListening();
      request.destroy();
      settle();
    };
    const stopListening = whenAborted(signal, () => finish(() => reject(signal.reason)));
    request.on("response", ({ statusCode = 500 }) => finish(() => resolve(statusCode < 500)));
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (GONE.has(error.code ?? "")) finish(() => resolve(false));
    });
  });
}
