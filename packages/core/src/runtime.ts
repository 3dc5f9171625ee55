import type { AbortControllerLike, AbortSignalLike } from "./abort.js";
import type { RoomDriver } from "./publish.js";

/** What the session needs of its platform. Time is injected, so that tests own it. */
export interface Runtime {
  /** Monotonic, in milliseconds. */
  nowMs(): number;
  /** Wall clock in milliseconds since the epoch: token expiry only. */
  wallClockMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels. A pending timer does not keep a process alive by itself. */
  setTimer(callback: () => void, delayMs: number): () => void;
  createAbortController(): AbortControllerLike;
  /** In [0, 1). */
  random(): number;
  /**
   * Whether the server behind `url` answers HTTP at all (`GET /`, any status below 500). False: refused, reset, or 5xx, which means that
   * its process is gone. Silence is neither: it waits, without a deadline of its own, for the signal. Never rejects but for the signal.
   */
  probe(url: string, signal: AbortSignalLike): Promise<boolean>;
  /** The driver of that name; `auto` picks by `subscribe`. @throws RoomtoneError `usage`, `unsupported` */
  driver(name: string, needs: { readonly subscribe: boolean }): RoomDriver | Promise<RoomDriver>;
}
