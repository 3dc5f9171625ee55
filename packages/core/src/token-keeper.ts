import type { AbortSignalLike } from "./abort.js";
import { RoomtoneError } from "./errors.js";
import type { Runtime } from "./runtime.js";
import type { Credentials } from "./session.js";
import type { TokenClaims, TokenOptions, TokenResponse, TokenSource } from "./token.js";
import { checkToken, isRoomToken } from "./token-claims.js";
import { literalTokenSource, tokenSourceFailure } from "./token-sources.js";
import { bounded } from "./waiting.js";

const FETCH_DEADLINE_MS = 10_000;

/** A token that is good to join with, as far as one can tell here. */
export interface UsableToken {
  readonly url: string;
  readonly token: string;
  /** Undefined for a token that is no LiveKit token. */
  readonly claims: TokenClaims | undefined;
}

/** Gets the token for each join: from the source, or the newest that the server issued. */
export class TokenKeeper {
  /** Whether a refused token can be replaced: a literal cannot. */
  readonly canRefetch: boolean;
  readonly #runtime: Runtime;
  readonly #source: TokenSource;
  readonly #kind: "livekit" | "any";
  /** One object for all fetches: LiveKit's caching sources compare it by reference. */
  readonly #options: TokenOptions;
  #last: UsableToken | undefined;
  #issued: UsableToken | undefined;

  /** @param kind what the driver takes: any text, or none, is a token to some servers */
  constructor(runtime: Runtime, credentials: Credentials, kind: "livekit" | "any" = "livekit") {
    this.#runtime = runtime;
    this.#kind = kind;
    this.canRefetch = credentials.tokenSource !== undefined;
    this.#source = credentials.tokenSource ?? literalTokenSource(credentials.url, credentials.token);
    this.#options = credentials.tokenOptions ?? {};
  }

  /** What the newest token says: the server may have changed the grants since we joined. */
  get claims(): TokenClaims | undefined {
    return (this.#issued ?? this.#last)?.claims;
  }

  /**
   * A token that has not expired. `force` asks the source for a new one.
   * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing`, `endpoint-unreachable`, `usage` (the URL)
   */
  async next(force: boolean, signal: AbortSignalLike): Promise<UsableToken> {
    const usable = this.canRefetch ? await this.#fromSource(force, signal) : await this.#literal(signal);
    this.#last = usable;
    if (this.canRefetch) this.#issued = undefined;
    return usable;
  }

  /** Remembers a token that the server issued while we were in the room. */
  issued(token: string): void {
    if (!this.#last) return;
    const { url } = this.#last;
    try {
      this.#issued = { url, token, claims: checkToken(token, this.#runtime.wallClockMs()) };
    } catch {
      // Nothing is lost: the token that we joined with still counts.
    }
  }

  async #literal(signal: AbortSignalLike): Promise<UsableToken> {
    const issued = this.#stillGood(this.#issued);
    const given = await this.#fetch(false, signal);
    if (!issued) return this.#check(given);
    try {
      const own = this.#check(given);
      return expiry(own) > expiry(issued) ? own : issued;
    } catch {
      return issued;
    }
  }

  async #fromSource(force: boolean, signal: AbortSignalLike): Promise<UsableToken> {
    let response: TokenResponse;
    try {
      response = await this.#fetch(force, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // An endpoint that is down must not keep us out of a room that would still let us in.
      const spare = force ? undefined : (this.#stillGood(this.#issued) ?? this.#stillGood(this.#last));
      if (spare) return spare;
      throw error;
    }
    try {
      return this.#check(response);
    } catch (error) {
      if (force || (error as RoomtoneError).code !== "token-expired") throw error;
      return this.#check(await this.#fetch(true, signal));
    }
  }

  async #fetch(force: boolean, signal: AbortSignalLike): Promise<TokenResponse> {
    const timeout = () =>
      new RoomtoneError("endpoint-unreachable", "The token source did not answer within 10 s. Check what makes the tokens.", {
        retryable: true,
      });
    try {
      return await bounded(this.#runtime, { deadlineMs: FETCH_DEADLINE_MS, signal, timeout }, () =>
        this.#source.fetch(this.#options, force),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw tokenSourceFailure(error);
    }
  }

  #check(response: TokenResponse): UsableToken {
    const { serverUrl, participantToken } = response ?? {};
    if (typeof participantToken !== "string") throw new RoomtoneError("token-missing", "The token source gave no token.");
    const isForeign = this.#kind === "any" && !isRoomToken(participantToken);
    const claims = isForeign ? undefined : checkToken(participantToken, this.#runtime.wallClockMs());
    if (typeof serverUrl !== "string" || !/^(wss?|https?):\/\/[^/\s]+/i.test(serverUrl)) {
      throw new RoomtoneError("usage", "The server's URL is not one: it begins with wss:, ws:, https: or http:, and names a host.", {
        option: "url",
      });
    }
    return { url: serverUrl, token: participantToken.trim(), claims };
  }

  #stillGood(usable: UsableToken | undefined): UsableToken | undefined {
    return usable && expiry(usable) * 1000 > this.#runtime.wallClockMs() ? usable : undefined;
  }
}

function expiry(usable: UsableToken): number {
  return usable.claims?.expiresAtS ?? Number.POSITIVE_INFINITY;
}
