import type { AbortSignalLike } from "./abort.js";
import { RoomtoneError } from "./errors.js";
import type { Runtime } from "./runtime.js";
import type { Credentials } from "./session.js";
import type { TokenClaims, TokenOptions, TokenResponse, TokenSource } from "./token.js";
import { checkToken, isRoomToken } from "./token-claims.js";
import { literalTokenSource, tokenSourceFailure } from "./token-sources.js";
import { bounded } from "./waiting.js";

const FETCH_DEADLINE_MS = 10_000;
/** The same where a token that is good still is at hand: listeners wait. */
const FETCH_WITH_SPARE_MS = 2000;

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
  /** Where we are: a token for another room would take the microphone among strangers. */
  #roomName: string | undefined;

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

  /** The newest token let us in: from now on only tokens for its room count. */
  joined(): void {
    this.#roomName ??= this.#last?.claims?.roomName;
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
    try {
      return await this.#newest(force, signal);
    } catch (error) {
      if (signal.aborted || (error as RoomtoneError).code === "grant-missing") throw error;
      // An endpoint that is down, or answers nonsense, must not keep us out of a room that would still let us in.
      const spare = force ? undefined : this.#spare;
      if (spare) return spare;
      throw error;
    }
  }

  async #newest(force: boolean, signal: AbortSignalLike): Promise<UsableToken> {
    const response = await this.#fetch(force, signal);
    if (force) return this.#checkRoom(this.#check(response, false));
    try {
      return this.#checkRoom(this.#check(response));
    } catch (error) {
      if ((error as RoomtoneError).code !== "token-expired") throw error;
      // Of a token that was made just now the server decides: the clock that is off may be ours.
      return this.#checkRoom(this.#check(await this.#fetch(true, signal), false));
    }
  }

  #checkRoom(usable: UsableToken): UsableToken {
    if (this.#roomName === undefined || usable.claims?.roomName === this.#roomName) return usable;
    const message = "The token source gave a token for another room than the one we are in. Check what makes the tokens.";
    throw new RoomtoneError("endpoint-unreachable", message, { retryable: true });
  }

  async #fetch(force: boolean, signal: AbortSignalLike): Promise<TokenResponse> {
    const deadlineMs = this.canRefetch && !force && this.#spare ? FETCH_WITH_SPARE_MS : FETCH_DEADLINE_MS;
    const timeout = () => {
      const message = `The token source did not answer within ${deadlineMs / 1000} s. Check what makes the tokens.`;
      return new RoomtoneError("endpoint-unreachable", message, { retryable: true });
    };
    try {
      return await bounded(this.#runtime, { deadlineMs, signal, timeout }, () => this.#source.fetch(this.#options, force));
    } catch (error) {
      if (signal.aborted) throw error;
      throw tokenSourceFailure(error);
    }
  }

  #check(response: TokenResponse, judgesTime = true): UsableToken {
    const { serverUrl, participantToken } = response ?? {};
    if (typeof participantToken !== "string") throw new RoomtoneError("token-missing", "The token source gave no token.");
    const isForeign = this.#kind === "any" && !isRoomToken(participantToken);
    const claims = isForeign ? undefined : checkToken(participantToken, judgesTime ? this.#runtime.wallClockMs() : undefined);
    if (typeof serverUrl !== "string" || !/^(wss?|https?):\/\/[^/\s]+/i.test(serverUrl)) {
      throw new RoomtoneError("usage", "The server's URL is not one: it begins with wss:, ws:, https: or http:, and names a host.", {
        option: "url",
      });
    }
    return { url: serverUrl, token: participantToken.trim(), claims };
  }

  get #spare(): UsableToken | undefined {
    return this.#stillGood(this.#issued) ?? this.#stillGood(this.#last);
  }

  #stillGood(usable: UsableToken | undefined): UsableToken | undefined {
    return usable && expiry(usable) * 1000 > this.#runtime.wallClockMs() ? usable : undefined;
  }
}

function expiry(usable: UsableToken): number {
  return usable.claims?.expiresAtS ?? Number.POSITIVE_INFINITY;
}
