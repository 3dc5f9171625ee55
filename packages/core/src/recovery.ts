import type { AbortSignalLike } from "./abort.js";
import type { Backoff } from "./backoff.js";
import type { Connector, Joined, JoinFailure } from "./connector.js";
import { RoomtoneError } from "./errors.js";
import type { Runtime } from "./runtime.js";
import { awaitServer, firstGapMs, PROBE_EVERY_MS } from "./server-probe.js";
import { sleep } from "./waiting.js";

/** How long an interrupted connection may take to resume once the server answers: rtc-node's slowest took 1.24 s on loopback. */
export const RESUME_GRACE_MS = 3000;
/** The same where only liveness saw the trouble: the server's next reports, which come each second, show media or not. */
export const ARRIVAL_GRACE_MS = 1500;
/** With a limit on attempts, a server that does not answer costs one in so long, doubled up to the most. */
const LIMITED_PATIENCE_MS = 1000;
const LIMITED_PATIENCE_MOST_MS = 5000;

/** One time of being away, from the first sign of trouble until we are back. */
export class Outage {
  readonly startedMs: number;
  readonly reason: string;
  /** Whether anybody was told. */
  announced = false;
  /** Attempts that failed so far. */
  failed = 0;
  lastError: RoomtoneError | undefined;

  constructor(startedMs: number, reason: string) {
    this.startedMs = startedMs;
    this.reason = reason;
  }

  /** Of the attempt under way: the first is 1. */
  get attempt(): number {
    return this.failed + 1;
  }
}

export interface RecoveryOptions {
  /** Attempts after the first; Infinity for ever. */
  readonly retries: number;
  readonly spreadMs: number;
  /** Tells that an attempt failed and another follows. */
  announce(outage: Outage): void;
}

/** Why an interrupted connection is given up. */
export type Verdict =
  /** The server answers. `wasGone`: it has forgotten us, and everybody else, so that a crowd comes back at once. */
  | { readonly kind: "server-back"; readonly wasGone: boolean }
  /** The server refuses: its process has ended, and with it our session. */
  | { readonly kind: "server-gone" }
  | { readonly kind: "attempts-spent" };

/** Decides when a connection is beyond hope, and brings the room back. */
export class Recovery {
  readonly #runtime: Runtime;
  readonly #connector: Connector;
  readonly #backoff: Backoff;
  readonly #options: RecoveryOptions;

  constructor(runtime: Runtime, connector: Connector, backoff: Backoff, options: RecoveryOptions) {
    this.#runtime = runtime;
    this.#connector = connector;
    this.#backoff = backoff;
    this.#options = options;
  }

  /**
   * Stands beside an interrupted connection until it is to be abandoned; whoever sees it resume aborts the signal.
   * A server that refuses has lost the session: nothing is left to resume, and a driver that were to come back by itself
   * in the moment in which we give it up could evict us, or end the process (rtc-node). One that was silent, or answers
   * from the first, may still have it, and gets `graceMs()`.
   */
  async untilHopeless(outage: Outage, graceMs: () => number, signal: AbortSignalLike): Promise<Verdict> {
    const back = await this.#untilServerAnswers(outage, signal, { untilGone: true, wasGone: false });
    if (back.kind !== "server-back") return back;
    for (let waitedMs = 0, leftMs = graceMs(); leftMs > 0; leftMs = graceMs() - waitedMs) {
      await sleep(this.#runtime, leftMs, signal);
      waitedMs += leftMs;
    }
    return back;
  }

  /** Joins anew, as often as it takes: never while the server does not answer. `known` is what is known of the server already. */
  async comeBack(outage: Outage, known: Verdict | undefined, signal: AbortSignalLike): Promise<Joined | JoinFailure> {
    let wasGone = known?.kind === "server-gone";
    let verdict = wasGone ? undefined : known;
    for (;;) {
      const pauseMs = this.#backoff.leftMs(this.#runtime.nowMs());
      await sleep(this.#runtime, wasGone ? Math.max(pauseMs, firstGapMs(this.#runtime, this.#options.spreadMs)) : pauseMs, signal);
      // Elsewhere is not probed: where nothing answers there, the next attempt goes back.
      const { isRedirected } = this.#connector;
      if (isRedirected) verdict ??= { kind: "server-back", wasGone: true };
      verdict ??= await this.#untilServerAnswers(outage, signal, { untilGone: false, wasGone });
      if (verdict.kind !== "server-back") return { error: this.#givingUp(outage), final: true };
      if (verdict.wasGone) await sleep(this.#runtime, this.#runtime.random() * this.#leftToSpreadMs(isRedirected), signal);
      const result = await this.#connector.join(signal, true);
      if ("connection" in result || result.final) return result;
      this.#backoff.fail(this.#runtime.nowMs(), result.error.details.retryAfterMs);
      outage.lastError = result.error;
      if (!this.#mayTryAgain(outage)) return { error: this.#givingUp(outage), final: true };
      verdict = undefined;
      wasGone = false;
    }
  }

  /** Whoever was probing is spread out already, over the time between two probes. */
  #leftToSpreadMs(isRedirected: boolean): number {
    const { spreadMs } = this.#options;
    return isRedirected ? spreadMs : Math.max(0, spreadMs - PROBE_EVERY_MS);
  }

  async #untilServerAnswers(outage: Outage, signal: AbortSignalLike, from: { untilGone: boolean; wasGone: boolean }): Promise<Verdict> {
    const url = this.#connector.url;
    const { spreadMs } = this.#options;
    const { untilGone } = from;
    let { wasGone } = from;
    while (url !== undefined) {
      const patienceMs = Number.isFinite(this.#options.retries)
        ? Math.min(LIMITED_PATIENCE_MOST_MS, LIMITED_PATIENCE_MS * 2 ** Math.min(outage.failed, 10))
        : Number.POSITIVE_INFINITY;
      const outcome = await awaitServer(this.#runtime, url, { sinceMs: outage.startedMs, patienceMs, spreadMs, untilGone, signal });
      if (outcome.answers) return { kind: "server-back", wasGone: wasGone || outcome.wasGone };
      if (untilGone && outcome.wasGone) return { kind: "server-gone" };
      wasGone = true;
      if (!this.#mayTryAgain(outage)) return { kind: "attempts-spent" };
    }
    return { kind: "server-back", wasGone };
  }

  /** Counts a failed attempt; where another is allowed, says so. */
  #mayTryAgain(outage: Outage): boolean {
    outage.failed += 1;
    if (outage.failed > this.#options.retries) return false;
    this.#options.announce(outage);
    return true;
  }

  #givingUp(outage: Outage): RoomtoneError {
    if (outage.lastError) return outage.lastError;
    const tries = outage.failed === 1 ? "one attempt" : `${outage.failed} attempts`;
    return new RoomtoneError("server-unreachable", `The server did not come back in ${tries}. Check that it runs, or allow more retries.`);
  }
}
