import type { AbortSignalLike } from "./abort.js";
import { type ErrorCode, RoomtoneError, toRoomtoneError } from "./errors.js";
import type { Ghosts } from "./ghosts.js";
import type { DriverEvent, RoomConnection, RoomDriver } from "./publish.js";
import type { Runtime } from "./runtime.js";
import type { TokenKeeper } from "./token-keeper.js";
import { bounded } from "./waiting.js";

const CONNECT_DEADLINE_MS = 10_000;

/** A driver's events, kept until somebody takes them, and silenced when the connection is no longer ours. */
export class EventRelay {
  #handler: ((event: DriverEvent) => void) | undefined;
  #early: DriverEvent[] = [];
  #closed = false;

  readonly push = (event: DriverEvent): void => {
    if (this.#closed) return;
    if (this.#handler) this.#handler(event);
    else this.#early.push(event);
  };

  /** Gives `handler` what came early, and then everything as it comes. */
  open(handler: (event: DriverEvent) => void): void {
    this.#handler = handler;
    for (const event of this.#early.splice(0)) this.push(event);
  }

  close(): void {
    this.#closed = true;
    this.#early = [];
  }
}

export interface Joined {
  readonly connection: RoomConnection;
  readonly events: EventRelay;
}

/** Why an attempt to join failed, and whether another may succeed without any change by the user. */
export interface JoinFailure {
  readonly error: RoomtoneError;
  readonly final: boolean;
}

/** Makes single attempts to join: a token, then the driver. */
export class Connector {
  readonly driver: RoomDriver;
  readonly #runtime: Runtime;
  readonly #tokens: TokenKeeper;
  readonly #ghosts: Ghosts;
  readonly #subscribe: boolean;
  /** Where the newest attempt went: what is probed. */
  #url: string | undefined;
  #redirect: string | undefined;
  #forceNext = false;
  /** Attempts whose driver has not settled yet, though nobody may wait for it any more. */
  readonly #unwinding = new Set<Promise<unknown>>();

  constructor(runtime: Runtime, driver: RoomDriver, tokens: TokenKeeper, ghosts: Ghosts, subscribe: boolean) {
    this.#runtime = runtime;
    this.#ghosts = ghosts;
    this.driver = driver;
    this.#tokens = tokens;
    this.#subscribe = subscribe;
  }

  get url(): string | undefined {
    return this.#url;
  }

  /** Resolves when the driver has let go of every attempt that was given up. */
  async unwound(): Promise<void> {
    await Promise.all(this.#unwinding);
  }

  /** The server sends us elsewhere: the next attempt goes there, and those after it where they always went. */
  redirect(url: string): void {
    this.#redirect = url;
  }

  get isRedirected(): boolean {
    return this.#redirect !== undefined;
  }

  /** The next attempt asks for a new token, because the server refused the one we had. False where there is none to be had. */
  refuseToken(): boolean {
    this.#forceNext = this.#tokens.canRefetch;
    return this.#forceNext;
  }

  /** One attempt: and at once a second one, with a new token, where the server refuses the first token. Rejects only with the signal's reason. */
  async join(signal: AbortSignalLike, rejoining: boolean): Promise<Joined | JoinFailure> {
    const forced = this.#forceNext;
    const redirected = this.isRedirected;
    this.#forceNext = false;
    try {
      return await this.#attempt(forced, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const failure = toRoomtoneError(error);
      if (isTokenRefusal(failure.code) && this.#tokens.canRefetch && !forced) return this.#retryForced(signal, rejoining);
      // A server that did not answer in time may let this attempt in after the next one.
      if (failure.code === "server-unreachable") this.#ghosts.add();
      if (failure.code === "duplicate-identity" && this.#ghosts.lay()) return { error: failure, final: false };
      // What is wrong elsewhere says nothing of where we come from.
      return { error: failure, final: !redirected && isFinal(failure, rejoining) };
    }
  }

  async #retryForced(signal: AbortSignalLike, rejoining: boolean): Promise<Joined | JoinFailure> {
    this.#forceNext = true;
    return this.join(signal, rejoining);
  }

  async #attempt(force: boolean, signal: AbortSignalLike): Promise<Joined> {
    const { url: usual, token } = await this.#tokens.next(force, signal);
    const url = this.#redirect ?? usual;
    this.#redirect = undefined;
    this.#url = usual;
    const events = new EventRelay();
    const timeout = () =>
      new RoomtoneError("server-unreachable", "The server did not let us in within 10 s. Check the address and that the server runs.", {
        retryable: true,
      });
    const bound = {
      deadlineMs: CONNECT_DEADLINE_MS,
      signal,
      timeout,
      onLate: (connection: RoomConnection) => connection.close(),
    };
    try {
      const connect = async (attemptSignal: AbortSignalLike) => {
        const connection = await this.driver.connect({ url, token, subscribe: this.#subscribe, on: events.push }, attemptSignal);
        if (attemptSignal.aborted) await connection.close();
        return connection;
      };
      const connection = await bounded(this.#runtime, bound, (attemptSignal) => this.#note(connect(attemptSignal)));
      this.#tokens.joined();
      return { connection, events };
    } catch (error) {
      events.close();
      throw error;
    }
  }

  #note<T>(connecting: Promise<T>): Promise<T> {
    const settled = connecting.then(
      () => {},
      () => {},
    );
    this.#unwinding.add(settled);
    void settled.then(() => this.#unwinding.delete(settled));
    return connecting;
  }
}

export function isTokenRefusal(code: ErrorCode): boolean {
  return code === "token-invalid" || code === "token-expired";
}

/**
 * What another attempt cannot cure. Once a room was live, more is worth waiting for: a fault of the driver's, a full server,
 * a 404 or a redirect of a proxy whose server is being replaced. A refusal that says itself whether it passes is believed.
 */
function isFinal({ code, details }: RoomtoneError, rejoining: boolean): boolean {
  switch (code) {
    case "server-unreachable":
    case "endpoint-unreachable":
      return details.retryable === false && !rejoining;
    case "room-refused":
      return details.retryable === undefined ? !rejoining : !details.retryable;
    case "server-full":
    case "internal":
      return !rejoining;
    default:
      return details.retryable !== true;
  }
}
