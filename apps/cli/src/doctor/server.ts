import type { TokenClaims } from "@roomtone/core";
import type { CheckResult } from "./check.js";

const PATIENCE_MS = 4000;
/** The server gives a token a minute on either side. */
const CLOCK_TOLERANCE_S = 60;

function httpAddress(url: string, path: string): URL {
  const base = new URL(url.replace(/^ws/, "http"));
  // A server behind a path prefix keeps it.
  return new URL(`${base.pathname.replace(/\/$/, "")}${path}`, base);
}

/** Whether a server answers at `url`, with the time that it says it is. */
export async function checkServer(
  url: string,
  signal: AbortSignal,
): Promise<{ result: CheckResult; dateHeader: { value: string; receivedMs: number } | undefined }> {
  const { host } = new URL(url);
  try {
    const startedMs = performance.now();
    const response = await fetch(httpAddress(url, "/"), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      redirect: "manual",
    });
    await response.body?.cancel();
    const date = response.headers.get("date");
    const dateHeader = date === null ? undefined : { value: date, receivedMs: Date.now() };
    if (response.status >= 500) {
      const fix = "look into the server's log";
      return { result: { result: "failed", message: `${host} answers with status ${response.status}`, fix }, dateHeader };
    }
    return { result: { result: "ok", message: `${host} answers in ${Math.round(performance.now() - startedMs)} ms` }, dateHeader };
  } catch {
    const fix = "check the address and port, that the server runs, and that no firewall is between";
    return { result: { result: "failed", message: `nothing answers at ${host}`, fix }, dateHeader: undefined };
  }
}

/** Whether the server takes `token`: it alone can verify the signature. Joins nothing. */
export async function checkTokenAtServer(url: string, token: string, claims: TokenClaims, signal: AbortSignal): Promise<CheckResult> {
  const who = `room ${claims.roomName ?? "(any)"} as ${claims.identity ?? "(nobody)"}`;
  try {
    const response = await fetch(httpAddress(url, "/rtc/validate"), {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      redirect: "error",
    });
    // The body of a refusal quotes the token: it is not read.
    await response.body?.cancel();
    if (response.ok) return { result: "ok", message: `the server takes it: ${who}` };
    if (response.status === 401) {
      return {
        result: "failed",
        message: "the server does not know the key, or the secret is another one",
        fix: "check that key, secret and server belong together",
      };
    }
    return {
      result: "failed",
      message: `the server refuses it with status ${response.status}`,
      fix: "check that the room exists, and the token's grants",
    };
  } catch {
    return { result: "skipped", message: `for ${who}; the server could not be asked`, fix: "see above: server" };
  }
}

/** Compares this machine's clock with the server's, by the Date header, which counts whole seconds. */
export function checkClock(header: { readonly value: string; readonly receivedMs: number } | undefined): CheckResult {
  const serverMs = header === undefined ? Number.NaN : Date.parse(header.value);
  if (header === undefined || !Number.isFinite(serverMs)) {
    return { result: "skipped", message: "the server does not say what time it is", fix: "see above: server" };
  }
  const skewS = Math.round((header.receivedMs - serverMs) / 1000);
  if (Math.abs(skewS) <= 1) return { result: "ok", message: "agrees with the server's" };
  const message = `${Math.abs(skewS)} s ${skewS > 0 ? "ahead of" : "behind"} the server's`;
  if (Math.abs(skewS) <= CLOCK_TOLERANCE_S) return { result: "ok", message };
  return { result: "failed", message, fix: "set both clocks by NTP: tokens begin and end by the clock" };
}
