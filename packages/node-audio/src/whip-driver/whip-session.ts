import { type AbortSignalLike, RoomtoneError, whenAborted } from "@roomtone/core";
import { settlesWithin } from "../deadline.js";
import { bounded } from "../opus-driver/bounded.js";
import type { RtpOutput } from "../opus-driver/rtp-output.js";
import { isLoopback } from "../opus-driver/signal-address.js";
import { EndpointWatch } from "./endpoint-watch.js";
import { addressFrom, exchange } from "./exchange.js";
import { iceServersFrom } from "./link-header.js";
import { refusalError } from "./refusal.js";
import { type SessionEnd, WhipPeer } from "./whip-peer.js";

/** The server makes a session within this, or does not. */
const POST_DEADLINE_MS = 8000;
/** An answer that comes after we gave up is waited for so long: it names a session that has to be ended. */
const LATE_ANSWER_MS = 2000;
/** The way for media. Whoever waits has ten seconds for all of it. */
const MEDIA_DEADLINE_MS = 8000;
const PATCH_DEADLINE_MS = 5000;
/** A leave is bounded by 500 ms even where nothing answers. */
const CLOSE_BOUND_MS = 450;

export interface WhipSessionOptions {
  readonly address: URL;
  readonly token: string;
  readonly iceTransportPolicy: "all" | "relay";
  /** Once, where the session ends without our doing. */
  onEnd(end: SessionEnd): void;
}

/** One session at a WHIP server: what a POST opened, until a DELETE ends it. */
export class WhipSession {
  readonly #peer: WhipPeer;
  readonly #token: string;
  #resource: URL | undefined;
  #entityTag: string | undefined;
  #watch: EndpointWatch | undefined;
  #closing: Promise<void> | undefined;

  private constructor(peer: WhipPeer, token: string) {
    this.#peer = peer;
    this.#token = token;
  }

  /**
   * Opens a session; resolves when media can flow. Where it fails or the signal aborts, whatever the server has made by then is
   * ended before the promise rejects, if that takes no longer than a leave may.
   * @throws RoomtoneError `server-unreachable`, `room-refused`, `server-full`, `token-invalid`, `token-expired`, `token-missing`; the signal's reason
   */
  static async open(options: WhipSessionOptions, signal: AbortSignalLike): Promise<WhipSession> {
    const peer = new WhipPeer({ ...options, loopback: isLoopback(options.address) });
    const session = new WhipSession(peer, options.token);
    const opening = session.#open(options.address, signal);
    try {
      await bounded(opening, { what: "the server to open a session", deadlineMs: POST_DEADLINE_MS + MEDIA_DEADLINE_MS, signal });
      return session;
    } catch (error) {
      // The answer may still come, and name a session that nobody else would end.
      const unwound = opening.catch(() => {}).then(() => session.close());
      await settlesWithin(unwound, CLOSE_BOUND_MS);
      throw error;
    }
  }

  get trackId(): string {
    return this.#peer.trackId;
  }

  get takesStereo(): boolean {
    return this.#peer.takesStereo;
  }

  createOutput(channels: 1 | 2): RtpOutput {
    return this.#peer.createOutput(channels);
  }

  /** Ends it, here and at the server. Idempotent; within 500 ms. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(address: URL, signal: AbortSignalLike): Promise<void> {
    const sdp = await this.#post(address, await this.#peer.offer(), signal);
    signal.throwIfAborted();
    await this.#peer.accept(sdp.answer, sdp.iceServers);
    void this.#trickle();
    await bounded(this.#peer.connected(), { what: "a way for media to the server", deadlineMs: MEDIA_DEADLINE_MS, signal });
    if (this.#resource && !this.#closing) this.#watch = new EndpointWatch(this.#resource, () => void this.#peer.ask());
  }

  async #post(address: URL, offer: string, signal: AbortSignalLike) {
    signal.throwIfAborted();
    const token = this.#token;
    const request = { method: "POST", address, token, headers: { "content-type": "application/sdp" }, body: offer } as const;
    const patience = new Patience(signal);
    try {
      const answer = await exchange({ ...request, signal: patience.signal });
      if (answer.status < 200 || answer.status > 299) throw refusalError(answer, token);
      this.#resource = addressFrom(answer.headers.get("location"), answer.address);
      this.#entityTag = answer.headers.get("etag") ?? undefined;
      return { answer: await answer.body, iceServers: iceServersFrom(answer.headers.get("link")) };
    } finally {
      patience.end();
    }
  }

  /** Candidates help servers that cannot be reached from here at once; the entity tag says that the server takes them. Never rejects. */
  async #trickle(): Promise<void> {
    const body = this.#peer.takeCandidates();
    if (this.#entityTag === undefined || !this.#resource || body === undefined) return;
    const headers = { "content-type": "application/trickle-ice-sdpfrag", "if-match": this.#entityTag };
    const request = { method: "PATCH", address: this.#resource, token: this.#token, headers, body } as const;
    await exchange({ ...request, signal: AbortSignal.timeout(PATCH_DEADLINE_MS) }).catch(() => {}); // media may flow without them
  }

  async #close(): Promise<void> {
    this.#watch?.close();
    await settlesWithin(Promise.all([this.#delete(), this.#peer.close()]), CLOSE_BOUND_MS);
  }

  async #delete(): Promise<void> {
    if (!this.#resource) return;
    const signal = AbortSignal.timeout(LATE_ANSWER_MS);
    await exchange({ method: "DELETE", address: this.#resource, token: this.#token, signal }).catch(() => {}); // it ends by itself there, later
  }
}

/** How long an answer is worth waiting for: less once nobody wants the session any more. */
class Patience {
  readonly #controller = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #stopListening: () => void;

  constructor(signal: AbortSignalLike) {
    this.#endAfter(POST_DEADLINE_MS);
    this.#stopListening = whenAborted(signal, () => this.#endAfter(LATE_ANSWER_MS));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #endAfter(delayMs: number): void {
    const expired = () => new RoomtoneError("server-unreachable", "The server did not answer in time.", { retryable: true });
    this.#timers.push(setTimeout(() => this.#controller.abort(expired()), delayMs));
  }
}
