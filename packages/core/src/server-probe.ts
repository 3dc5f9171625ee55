import type { AbortSignalLike } from "./abort.js";
import { RoomtoneError } from "./errors.js";
import type { Runtime } from "./runtime.js";
import { bounded, sleep } from "./waiting.js";

export const PROBE_EVERY_MS = 250;
/** A minute, and what a server takes to start after a minute away. */
const QUICK_FOR_MS = 65_000;
const SLOW_LEAST_MS = 1000;
const SLOW_MOST_MS = 5000;
/** A frozen server takes the connection and never answers. */
const PROBE_DEADLINE_MS = 1000;

/** What one probe says: `gone` was refused (or 5xx), `silent` took the question and never answered. */
type ProbeAnswer = "green" | "gone" | "silent";

export type ProbeOutcome =
  /** It answers. `wasGone`: it refused before, in this wait, so whatever it knew of us is lost. */
  | { readonly answers: true; readonly wasGone: boolean }
  /** It did not answer in all the time given; or it refused, where that was to end the wait. */
  | { readonly answers: false; readonly wasGone: boolean };

export interface ProbeOptions {
  /** When the outage began: for 65 s from then a probe every 250 ms, later every 1 to 5 s, jittered. */
  readonly sinceMs: number;
  readonly patienceMs: number;
  /** How much earlier than usual the second probe is, at most: so that a fleet that lost its server at once asks, and joins, spread out. */
  readonly spreadMs: number;
  /** The first refusal ends the wait. */
  readonly untilGone?: boolean;
  readonly signal: AbortSignalLike;
}

/** From one of the quick probes to the next where the two set the pace: a random part of the spread sooner. */
export function firstGapMs(runtime: Runtime, spreadMs: number): number {
  return PROBE_EVERY_MS - runtime.random() * Math.min(spreadMs, PROBE_EVERY_MS);
}

/** Waits until the server answers, or for the patience. One probe at a time. */
export async function awaitServer(runtime: Runtime, url: string, options: ProbeOptions): Promise<ProbeOutcome> {
  const { sinceMs, patienceMs, spreadMs, untilGone = false, signal } = options;
  const endMs = runtime.nowMs() + patienceMs;
  let quickGapMs = firstGapMs(runtime, spreadMs);
  let wasGone = false;
  for (;;) {
    const startMs = runtime.nowMs();
    const answer = await probeOnce(runtime, url, signal);
    if (answer === "green") return { answers: true, wasGone };
    wasGone ||= answer === "gone";
    if ((untilGone && wasGone) || runtime.nowMs() >= endMs) return { answers: false, wasGone };
    const quick = startMs - sinceMs < QUICK_FOR_MS;
    const everyMs = quick ? quickGapMs : SLOW_LEAST_MS + runtime.random() * (SLOW_MOST_MS - SLOW_LEAST_MS);
    await sleep(runtime, Math.max(0, startMs + everyMs - runtime.nowMs()), signal);
    quickGapMs = PROBE_EVERY_MS;
  }
}

async function probeOnce(runtime: Runtime, url: string, signal: AbortSignalLike): Promise<ProbeAnswer> {
  const timeout = () => new RoomtoneError("server-unreachable", "The server does not answer.");
  try {
    const bound = { deadlineMs: PROBE_DEADLINE_MS, signal, timeout };
    return (await bounded(runtime, bound, (probeSignal) => runtime.probe(url, probeSignal))) ? "green" : "gone";
  } catch {
    if (signal.aborted) throw signal.reason;
    return "silent";
  }
}
