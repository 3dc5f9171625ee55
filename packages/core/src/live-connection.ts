import type { AbortControllerLike, AbortSignalLike } from "./abort.js";
import type { Joined } from "./connector.js";
import type { RoomtoneError } from "./errors.js";
import type { DisconnectReason, DriverEvent, RoomConnection } from "./publish.js";
import { ARRIVAL_GRACE_MS, Outage, RESUME_GRACE_MS, type Recovery, type Verdict } from "./recovery.js";
import type { Runtime } from "./runtime.js";

/** How a connection ended for us: the driver said so, or we gave it up. */
export type Ending =
  | { readonly kind: "disconnected"; readonly reason: DisconnectReason; readonly url: string | undefined; readonly outage: Outage }
  | { readonly kind: "abandoned"; readonly outage: Outage; readonly verdict: Verdict | undefined };

/** What the room does about a connection's news. */
export interface ConnectionOwner {
  /** About others, or the room: told to the callbacks as it is. */
  roomEvent(event: Exclude<DriverEvent, { readonly type: OwnEvent }>): void;
  interrupted(outage: Outage): void;
  resumed(outage: Outage): void;
  mutedByServer(trackId: string, muted: boolean): void;
  trackLost(trackId: string, error: RoomtoneError | undefined): void;
  tokenIssued(token: string): void;
}

type OwnEvent = "muted-by-server" | "track-lost" | "interrupted" | "resumed" | "disconnected" | "token-refreshed";

interface Interruption {
  readonly outage: Outage;
  readonly watch: AbortControllerLike;
  /** The driver said so; else liveness did. */
  byDriver: boolean;
}

/** A joined connection, from its join until it is over for us: the one at which tracks are carried out. */
export class LiveConnection {
  readonly connection: RoomConnection;
  readonly joinedMs: number;
  /** Settles once, with how it ended. Never rejects. */
  readonly ended: Promise<Ending>;
  readonly #runtime: Runtime;
  readonly #joined: Joined;
  readonly #recovery: Recovery;
  readonly #owner: ConnectionOwner;
  readonly #scope: AbortControllerLike;
  #settle: (ending: Ending) => void = () => {};
  #interruption: Interruption | undefined;

  constructor(runtime: Runtime, joined: Joined, recovery: Recovery, owner: ConnectionOwner) {
    this.#runtime = runtime;
    this.#joined = joined;
    this.#recovery = recovery;
    this.#owner = owner;
    this.connection = joined.connection;
    this.joinedMs = runtime.nowMs();
    this.#scope = runtime.createAbortController();
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Aborts when the connection is over for us: nobody waits for its driver then. */
  get signal(): AbortSignalLike {
    return this.#scope.signal;
  }

  /** Whether the driver can be asked for something now. */
  get isUsable(): boolean {
    return !this.#scope.signal.aborted && this.#interruption === undefined;
  }

  /** Whether only liveness holds it for interrupted: its readings go on. */
  get isStalled(): boolean {
    return this.#interruption !== undefined && !this.#interruption.byDriver;
  }

  /** Begins to handle the driver's events, the early ones first. */
  listen(): void {
    this.#joined.events.open((event) => this.#handle(event));
  }

  /** Liveness: nothing of ours arrives. */
  stalled(): void {
    this.#interrupt("what we send does not arrive", false);
  }

  /** Liveness: it arrives after all. */
  arrives(): void {
    if (this.isStalled) this.#resume();
  }

  /** Gives the connection up: `reason` says what could not be done on it. */
  abandon(reason: string): void {
    this.#end({ kind: "abandoned", outage: this.#outage(reason), verdict: undefined });
  }

  /** Lets go of everything but the driver's connection itself. */
  release(): void {
    this.#interruption?.watch.abort();
    this.#joined.events.close();
    this.#scope.abort();
  }

  #handle(event: DriverEvent): void {
    switch (event.type) {
      case "interrupted":
        this.#interrupt(event.reason, true);
        break;
      case "resumed":
        if (this.#interruption?.byDriver) this.#resume();
        break;
      case "disconnected":
        this.#end({ kind: "disconnected", reason: event.reason, url: event.url, outage: this.#outage(event.reason) });
        break;
      case "muted-by-server":
        this.#owner.mutedByServer(event.trackId, event.muted);
        break;
      case "track-lost":
        this.#owner.trackLost(event.trackId, event.error);
        break;
      case "token-refreshed":
        this.#owner.tokenIssued(event.token);
        break;
      default:
        this.#owner.roomEvent(event);
        break;
    }
  }

  #interrupt(reason: string, byDriver: boolean): void {
    if (this.#scope.signal.aborted) return;
    if (this.#interruption) {
      this.#interruption.byDriver ||= byDriver;
      return;
    }
    const watch = this.#runtime.createAbortController();
    const interruption: Interruption = { outage: this.#outage(reason), watch, byDriver };
    this.#interruption = interruption;
    this.#owner.interrupted(interruption.outage);
    const graceMs = () => (interruption.byDriver ? RESUME_GRACE_MS : ARRIVAL_GRACE_MS);
    this.#recovery.untilHopeless(interruption.outage, graceMs, watch.signal).then(
      (verdict) => {
        if (this.#interruption === interruption) this.#end({ kind: "abandoned", outage: interruption.outage, verdict });
      },
      () => {}, // Only the signal rejects: it resumed, or is over.
    );
  }

  #resume(): void {
    const interruption = this.#interruption;
    if (!interruption) return;
    interruption.watch.abort();
    this.#interruption = undefined;
    this.#owner.resumed(interruption.outage);
  }

  #end(ending: Ending): void {
    this.release();
    this.#settle(ending);
  }

  #outage(reason: string): Outage {
    return this.#interruption?.outage ?? new Outage(this.#runtime.nowMs(), reason);
  }
}
