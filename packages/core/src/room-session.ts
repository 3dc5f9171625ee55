import { type AbortControllerLike, whenAborted } from "./abort.js";
import { Backoff } from "./backoff.js";
import type { PublishableCapture } from "./capture.js";
import { Connector, type Joined } from "./connector.js";
import { deferred } from "./deferred.js";
import { RoomtoneError, toRoomtoneError } from "./errors.js";
import { Ghosts } from "./ghosts.js";
import { type ConnectionOwner, type Ending, LiveConnection } from "./live-connection.js";
import { resolveOpusSettings } from "./opus-settings.js";
import { createPublication } from "./publication.js";
import type { DisconnectReason, RoomDriver, SendDataOptions } from "./publish.js";
import { type Outage, Recovery, type Verdict } from "./recovery.js";
import type { RoomCallbacks, RoomClosed, RoomState } from "./room.js";
import { sendRoomData } from "./room-data.js";
import { closedBy, closedWith } from "./room-ending.js";
import { RoomEvents } from "./room-events.js";
import type { Runtime } from "./runtime.js";
import type { Credentials, JoinRoomOptions, Publication, PublishOptions } from "./session.js";
import { mayPublish } from "./token-claims.js";
import { TokenKeeper } from "./token-keeper.js";
import { TrackLoop } from "./track-loop.js";
import type { TrackOwner } from "./track-owner.js";
import { settlesWithin, sleep } from "./waiting.js";

const JOIN_RETRIES = 3;
const REJOIN_SPREAD_MS = 250;
/** An abandoned connection gets so long to say goodbye. */
const ABANDON_MS = 500;
/** Our own leave, with everything that still unwinds. */
const LEAVE_MS = 1200;
/** A connection that ends sooner counts as a failed attempt: a server that lets us in and drops us is not stormed. */
const STABLE_MS = 5000;

/** What is known, and to be done, after a connection's end. */
interface Afterwards {
  /** Set where the room is over. */
  readonly closed: RoomClosed | undefined;
  readonly outage: Outage;
  readonly verdict: Verdict | undefined;
}

/** A room that is kept: joined, and joined again, until it is left or cannot be had any more. */
export class LiveRoom {
  readonly closed: Promise<RoomClosed>;
  readonly #runtime: Runtime;
  readonly #options: JoinRoomOptions;
  readonly #events = new RoomEvents();
  readonly #tokens: TokenKeeper;
  readonly #connector: Connector;
  readonly #backoff: Backoff;
  readonly #recovery: Recovery;
  readonly #leaving: AbortControllerLike;
  readonly #closed = deferred<RoomClosed>();
  readonly #tracks = new Map<string, TrackLoop>();
  readonly #farewells = new Set<Promise<void>>();
  readonly #owner: TrackOwner;
  readonly #ghosts: Ghosts;
  #link: LiveConnection | undefined;
  #stopListening: () => void = () => {};
  #nextTrack = 1;
  #over = false;

  constructor(runtime: Runtime, driver: RoomDriver, credentials: Credentials, options: JoinRoomOptions) {
    this.#runtime = runtime;
    this.#options = options;
    this.#tokens = new TokenKeeper(runtime, credentials, driver.tokenKind);
    this.#ghosts = new Ghosts(runtime);
    this.#connector = new Connector(runtime, driver, this.#tokens, this.#ghosts, options.subscribe ?? false);
    this.#backoff = new Backoff(() => runtime.random());
    this.#recovery = new Recovery(runtime, this.#connector, this.#backoff, {
      retries: options.rejoinRetries ?? Number.POSITIVE_INFINITY,
      spreadMs: options.rejoinSpreadMs ?? REJOIN_SPREAD_MS,
      announce: (outage) => this.#announce(outage),
    });
    this.#leaving = runtime.createAbortController();
    this.closed = this.#closed.promise;
    const room = this;
    this.#owner = {
      runtime,
      driverName: driver.name,
      adapts: driver.adapts,
      get quality() {
        return room.#events.state.quality;
      },
      get link() {
        return room.#link;
      },
      emit: (event) => this.#events.emit(event),
      hasOtherLive: (loop) => [...this.#tracks.values()].some((other) => other !== loop && other.isLive),
      forget: (loop) => this.#tracks.delete(loop.facts.id),
    };
  }

  get state(): RoomState {
    return this.#events.state;
  }

  get driver(): string {
    return this.#connector.driver.name;
  }

  on(callbacks: RoomCallbacks): () => void {
    return this.#over ? () => {} : this.#events.subscribe(callbacks);
  }

  /** Joins for the first time, and keeps the room from then on. Rejects where it cannot be joined, with everything released. */
  async join(): Promise<void> {
    const { on, signal } = this.#options;
    if (on) this.#events.subscribe(on);
    this.#stopListening = whenAborted(signal, () => this.#leaving.abort(signal?.reason));
    try {
      const { joined, attempt } = await this.#joinFirst();
      void this.#run(joined, attempt);
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  async publish(capture: PublishableCapture, options: PublishOptions = {}): Promise<Publication> {
    const { name = capture.source.kind, source = "microphone", muted = false, profile = "voice", opus = {}, signal } = options;
    const { quality = "follow-network" } = options;
    signal?.throwIfAborted();
    if (this.#over || this.#leaving.signal.aborted) throw leftError();
    resolveOpusSettings(profile, opus);
    const grants = this.#tokens.claims?.grants;
    if (grants && !mayPublish(grants, source)) {
      const grant = grants.canPublish ? "canPublishSources" : "canPublish";
      throw new RoomtoneError("grant-missing", `The token does not allow publishing a ${source} track: see its grant ${grant}.`, { grant });
    }
    const facts = { id: `track-${this.#nextTrack++}`, name, source, profile, quality };
    const loop = new TrackLoop(this.#owner, facts, { published: true, capture, muted, opus });
    this.#tracks.set(facts.id, loop);
    const stopListening = whenAborted(signal, () => void loop.unpublish());
    void loop.ended.then(stopListening);
    try {
      await loop.live;
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
    return createPublication(loop);
  }

  sendData(payload: Uint8Array, options: SendDataOptions = {}): Promise<void> {
    const route = { link: this.#link, grants: this.#tokens.claims?.grants, driverName: this.driver };
    return sendRoomData(route, payload, options);
  }

  async close(): Promise<void> {
    this.#leaving.abort(leftError());
    await this.closed;
  }

  async #joinFirst(): Promise<{ joined: Joined; attempt: number }> {
    const { signal } = this.#leaving;
    const retries = this.#options.joinRetries ?? JOIN_RETRIES;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#connector.join(signal, false);
      if ("connection" in result) return { joined: result, attempt };
      if (result.final || attempt > retries) throw result.error;
      this.#backoff.fail(this.#runtime.nowMs(), result.error.details.retryAfterMs);
      this.#events.emit({
        type: "warning",
        message: `Could not join (attempt ${attempt}${retries === Number.POSITIVE_INFINITY ? "" : ` of ${retries + 1}`}); trying again.`,
        error: result.error,
      });
      await sleep(this.#runtime, this.#backoff.leftMs(this.#runtime.nowMs()), signal);
    }
  }

  /** The room's life after the first join. Never rejects. */
  async #run(first: Joined, attempt: number): Promise<void> {
    let closed: RoomClosed;
    try {
      closed = await this.#keep(first, attempt);
    } catch (error) {
      closed = this.#leaving.signal.aborted ? { reason: "left" } : closedWith(toRoomtoneError(error));
    }
    await this.#release(closed);
  }

  async #keep(first: Joined, attempt: number): Promise<RoomClosed> {
    let joined = first;
    let outage: Outage | undefined;
    for (;;) {
      const ending = await this.#live(joined, outage, attempt);
      if (ending.closed) return ending.closed;
      outage = ending.outage;
      const result = await this.#recovery.comeBack(outage, ending.verdict, this.#leaving.signal);
      if (!("connection" in result)) return closedWith(result.error);
      joined = result;
      attempt = outage.attempt;
    }
  }

  /** One connection, from its join to its end. Rejects with the signal's reason when we leave. */
  async #live(joined: Joined, outage: Outage | undefined, attempt: number): Promise<Afterwards> {
    const link = new LiveConnection(this.#runtime, joined, this.#recovery, this.#connectionOwner());
    const { room, localParticipant, participants } = joined.connection;
    const facts = { room, localParticipant, participants, attempt };
    this.#link = link;
    if (outage) this.#events.emit({ type: "reconnected", resumed: false, outageMs: this.#runtime.nowMs() - outage.startedMs, ...facts });
    else this.#events.emit({ type: "connected", ...facts });
    link.listen();
    this.#kickTracks();
    const leaving = deferred<never>();
    const stopListening = whenAborted(this.#leaving.signal, () => leaving.reject(this.#leaving.signal.reason));
    try {
      const ending = await Promise.race([link.ended, leaving.promise]);
      return this.#afterwards(ending, link.joinedMs);
    } finally {
      stopListening();
      link.release();
      this.#link = undefined;
      for (const track of [...this.#tracks.values()]) track.detached();
      await settlesWithin(this.#runtime, this.#farewell(joined), ABANDON_MS);
    }
  }

  #afterwards(ending: Ending, joinedMs: number): Afterwards {
    const { outage } = ending;
    if (outage.startedMs - joinedMs >= STABLE_MS) this.#backoff.reset();
    else this.#backoff.fail(outage.startedMs);
    const closed = ending.kind === "disconnected" ? this.#finalBy(ending.reason) : undefined;
    if (ending.kind === "disconnected" && ending.url !== undefined) this.#connector.redirect(ending.url);
    if (ending.kind === "abandoned") this.#ghosts.add();
    if (!closed && !outage.announced) this.#announce(outage);
    return { closed, outage, verdict: ending.kind === "abandoned" ? ending.verdict : undefined };
  }

  #finalBy(reason: DisconnectReason): RoomClosed | undefined {
    if (reason === "duplicate-identity" && this.#ghosts.lay()) return undefined;
    if (reason === "token-refused" && this.#connector.refuseToken()) return undefined;
    return closedBy(reason);
  }

  #connectionOwner(): ConnectionOwner {
    return {
      roomEvent: (event) => this.#events.emit(event),
      interrupted: (outage) => this.#announce(outage),
      resumed: (outage) => this.#resumed(outage),
      mutedByServer: (trackId, muted) => this.#tracks.get(trackId)?.mutedByServer(muted),
      trackLost: (trackId, error) => this.#tracks.get(trackId)?.lost(error),
      tokenIssued: (token) => {
        this.#tokens.issued(token);
        this.#events.emit({ type: "token-refreshed" });
      },
    };
  }

  #announce(outage: Outage): void {
    outage.announced = true;
    this.#events.emit({ type: "reconnecting", reason: outage.reason, attempt: outage.attempt });
    this.#kickTracks(); // Whoever waits for the driver learns that it cannot be asked now.
  }

  #resumed(outage: Outage): void {
    const { room, localParticipant, participants } = this.#events.state;
    if (!room || !localParticipant) return;
    const outageMs = this.#runtime.nowMs() - outage.startedMs;
    this.#events.emit({ type: "reconnected", resumed: true, attempt: outage.attempt, outageMs, room, localParticipant, participants });
    for (const track of [...this.#tracks.values()]) track.resumed(outageMs);
  }

  #kickTracks(): void {
    for (const track of [...this.#tracks.values()]) track.kick();
  }

  /** Closes a connection, and remembers it until it is closed. */
  #farewell({ connection }: Joined): Promise<void> {
    const farewell = connection.close().catch(() => {});
    this.#farewells.add(farewell);
    void farewell.then(() => this.#farewells.delete(farewell));
    return farewell;
  }

  /** Ends everything. Without `closed` there never was a room, so nobody is told. */
  async #release(closed?: RoomClosed): Promise<void> {
    this.#over = true;
    this.#stopListening();
    this.#leaving.abort(leftError());
    for (const track of [...this.#tracks.values()]) track.roomClosed(closed?.error ?? leftError());
    await settlesWithin(this.#runtime, Promise.all([...this.#farewells, this.#connector.unwound()]), LEAVE_MS - ABANDON_MS);
    if (closed) {
      this.#events.emit({ type: "closed", closed });
      this.#closed.resolve(closed);
    }
    this.#events.clear();
  }
}

function leftError(): RoomtoneError {
  return new RoomtoneError("usage", "The room was left.");
}
