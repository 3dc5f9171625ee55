import type { AbortControllerLike } from "./abort.js";
import { whenAborted } from "./abort.js";
import { Backoff } from "./backoff.js";
import type { PublishableCapture } from "./capture.js";
import { deferred } from "./deferred.js";
import type { OpusSettings } from "./encode.js";
import { type RoomtoneError, toRoomtoneError } from "./errors.js";
import type { LiveConnection } from "./live-connection.js";
import { isNetworkObservable, type NetworkSample, type PublishedTrack } from "./publish.js";
import type { PublicationState, RoomEvent } from "./room.js";
import type { Runtime } from "./runtime.js";
import type { PublicationEnd } from "./session.js";
import { remedyFor } from "./track-failure.js";
import { TrackLiveness } from "./track-liveness.js";
import { carryOut, type TrackFacts } from "./track-operation.js";
import { type ActualTrack, type DesiredTrack, nextStep, type TrackStep } from "./track-step.js";
import { bounded, Pause } from "./waiting.js";

const SAMPLE_DEADLINE_MS = 2000;
/** A track that the server drops again and again is not published in a tight loop. */
const AFTER_LOSS_MS = 1000;

/** What a track's loop needs of its room. */
export interface TrackOwner {
  readonly runtime: Runtime;
  readonly driverName: string;
  /** The connection of now. */
  readonly link: LiveConnection | undefined;
  emit(event: RoomEvent): void;
  /** Whether another track than `loop` is live: then one bad track is no reason to give the connection up. */
  hasOtherLive(loop: TrackLoop): boolean;
  forget(loop: TrackLoop): void;
}

/** One publication: what is desired of it, what the driver reports, and the loop that moves the second to the first, one operation at a time. */
export class TrackLoop {
  readonly facts: TrackFacts;
  /** Settles when first live: or rejects with why it never was. */
  readonly live: Promise<void>;
  readonly ended: Promise<PublicationEnd>;
  readonly #owner: TrackOwner;
  readonly #live = deferred<void>();
  readonly #ended = deferred<PublicationEnd>();
  readonly #backoff: Backoff;
  readonly #liveness: TrackLiveness;
  readonly #pause: Pause;
  #desired: DesiredTrack;
  #actual: ActualTrack | undefined;
  /** The capture that was live last: where a replacement fails, it comes back. */
  #goodCapture: PublishableCapture | undefined;
  readonly #refused = new Map<object, RoomtoneError>();
  #endsWith: PublicationEnd = { reason: "unpublished" };
  #final: PublicationState["status"] | undefined;
  #askedMs: number;
  #running = false;
  #operating = false;
  /** A moderator's mute came while an operation was under way. */
  #crossed = false;
  #publishing: AbortControllerLike | undefined;
  /** A reading under way: whoever asks meanwhile gets the same. */
  #sampling: { readonly track: PublishedTrack; readonly reading: Promise<NetworkSample> } | undefined;
  #idle: Array<() => void> = [];

  constructor(owner: TrackOwner, facts: TrackFacts, desired: DesiredTrack) {
    this.#owner = owner;
    this.facts = facts;
    this.#desired = desired;
    this.#backoff = new Backoff(() => owner.runtime.random());
    this.#liveness = new TrackLiveness(owner.runtime);
    this.#pause = new Pause(owner.runtime);
    this.#askedMs = owner.runtime.nowMs();
    this.live = this.#live.promise;
    this.ended = this.#ended.promise;
    this.kick();
  }

  get state(): PublicationState {
    const { id, name, source } = this.facts;
    return { id, sid: this.#actual?.track.sid, name, source, muted: this.#desired.muted, status: this.#status() };
  }

  get isLive(): boolean {
    return this.#actual !== undefined;
  }

  get opus(): Partial<OpusSettings> {
    return this.#desired.opus;
  }

  /** Resolves when the driver agrees, or cannot be asked now. */
  async setMuted(muted: boolean): Promise<void> {
    if (this.#final || !this.#desired.published) return;
    this.#intendMute(muted, "user");
    await this.#caughtUp();
  }

  /** @throws RoomtoneError where the driver does not take `capture`: then the one before goes on */
  async replace(capture: PublishableCapture): Promise<void> {
    if (this.#final || !this.#desired.published) return;
    this.#refused.delete(capture);
    this.#desired = { ...this.#desired, capture };
    await this.#caughtUp();
    this.#throwRefusal(capture);
  }

  /** @throws RoomtoneError where the driver does not take the settings: then the ones before hold */
  async reconfigure(opus: Partial<OpusSettings>): Promise<void> {
    if (this.#final || !this.#desired.published) return;
    this.#desired = { ...this.#desired, opus };
    await this.#caughtUp();
    this.#throwRefusal(opus);
  }

  async unpublish(end: PublicationEnd = { reason: "unpublished" }): Promise<void> {
    if (this.#final) return;
    if (this.#desired.published) {
      this.#endsWith = end;
      this.#desired = { ...this.#desired, published: false };
      this.#publishing?.abort(end.error ?? new Error("unpublished"));
    }
    await this.#caughtUp();
  }

  async sample(): Promise<NetworkSample | undefined> {
    const [track, link] = [this.#actual?.track, this.#owner.link];
    if (!track || !link || !isNetworkObservable(track)) return undefined;
    if (this.#sampling?.track !== track) {
      const sampling = { track, reading: track.networkSample() };
      const done = () => {
        if (this.#sampling === sampling) this.#sampling = undefined;
      };
      this.#sampling = sampling;
      sampling.reading.then(done, done);
    }
    const { reading } = this.#sampling ?? { reading: Promise.resolve(undefined) };
    const bound = { deadlineMs: SAMPLE_DEADLINE_MS, signal: link.signal, timeout: () => toRoomtoneError(undefined) };
    return bounded(this.#owner.runtime, bound, () => reading).catch(() => undefined);
  }

  /** Looks again: the room's connection, or what is desired, has changed. */
  kick(): void {
    this.#pause.wake();
    if (this.#running || this.#final) return;
    this.#running = true;
    void this.#run();
  }

  /** The connection is over, and with it what was on it. */
  detached(): void {
    this.#actual = undefined;
    this.#askedMs = this.#owner.runtime.nowMs();
    this.kick();
  }

  mutedByServer(muted: boolean): void {
    if (this.#actual) this.#actual.muted = muted;
    this.#crossed = this.#operating;
    this.#intendMute(muted, "server");
    this.kick();
  }

  lost(error: RoomtoneError | undefined): void {
    if (!this.#actual) return;
    this.#actual = undefined;
    if (error && !this.#isPassing(error)) {
      this.#fail(error);
      return;
    }
    this.#warn("The server dropped the track; it is published again.", error);
    this.kick();
    this.#pause.set(AFTER_LOSS_MS);
  }

  /** The room is closed: nothing more is carried out. */
  roomClosed(error: RoomtoneError): void {
    this.#end({ reason: "room-closed", error }, "unpublished", error);
  }

  #status(): PublicationState["status"] {
    if (this.#final) return this.#final;
    if (!this.#owner.link?.isUsable) return "waiting";
    return this.#actual ? "live" : "publishing";
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // What is asked for in one breath is one change.
    for (;;) {
      const link = this.#owner.link;
      if (this.#final || !link?.isUsable) break;
      if (await this.#pause.take(link.signal)) continue;
      const step = nextStep(this.#desired, this.#actual);
      if (!step) break;
      await this.#carryOut(step, link);
    }
    this.#running = false;
    if (!this.#final && !this.#desired.published && !this.#actual) {
      if (this.#goodCapture) this.#owner.emit({ type: "unpublished", publication: { ...this.state, status: "unpublished" } });
      this.#end(this.#endsWith, "unpublished", this.#endsWith.error);
    }
    for (const wake of this.#idle.splice(0)) wake();
  }

  async #carryOut(name: TrackStep, link: LiveConnection): Promise<void> {
    const { runtime } = this.#owner;
    const [desired, actual] = [this.#desired, this.#actual];
    const scope = runtime.createAbortController();
    const stopListening = whenAborted(link.signal, () => scope.abort(link.signal.reason));
    if (name === "publish") this.#publishing = scope;
    this.#operating = true;
    this.#crossed = false;
    const outcome = await carryOut(runtime, link, this.facts, { name, desired, actual }, scope.signal);
    this.#operating = false;
    this.#publishing = undefined;
    stopListening();
    if (link.signal.aborted || this.#final || actual !== this.#actual) return;
    if (!outcome.ok) {
      if (!scope.signal.aborted || outcome.late) this.#stumble(name, link, toRoomtoneError(outcome.error), outcome.late);
      return;
    }
    this.#backoff.reset();
    if (outcome.track) this.#published(outcome.track, desired, link);
    else if (actual) this.#update(name, desired, actual);
  }

  #update(step: TrackStep, desired: DesiredTrack, actual: ActualTrack): void {
    if (step === "unpublish") this.#actual = undefined;
    else if (step === "reconfigure") actual.opus = desired.opus;
    else if (step === "replace") this.#goodCapture = actual.capture = desired.capture;
    else actual.muted = this.#crossed ? undefined : step === "mute";
  }

  #published(track: PublishedTrack, desired: DesiredTrack, link: LiveConnection): void {
    const { capture, opus } = desired;
    const actual: ActualTrack = { track, capture, opus, muted: this.#crossed ? undefined : desired.muted, spent: false };
    this.#actual = actual;
    this.#goodCapture = capture;
    track.ended.then((error) => this.#sourceEnded(actual, error)).catch(() => {});
    const elapsedMs = this.#owner.runtime.nowMs() - this.#askedMs;
    this.#owner.emit({ type: "published", publication: this.state, driver: this.#owner.driverName, elapsedMs });
    this.#live.resolve();
    if (isNetworkObservable(track)) {
      this.#liveness.watch({
        link,
        isCurrent: () => this.#actual === actual,
        isSending: () => actual.muted === false && !this.#desired.muted,
        sample: () => this.sample(),
      });
    }
  }

  #stumble(step: TrackStep, link: LiveConnection, error: RoomtoneError, late: boolean): void {
    const before = this.#before(step);
    const nowMs = this.#owner.runtime.nowMs();
    this.#backoff.fail(nowMs);
    const remedy = remedyFor({
      step,
      late,
      passing: this.#isPassing(error),
      failures: this.#backoff.failures,
      wasLive: this.#goodCapture !== undefined,
      canGoBack: before !== undefined,
      hasOtherLive: this.#owner.hasOtherLive(this),
    });
    this.#pause.set(this.#backoff.leftMs(nowMs));
    switch (remedy) {
      case "retry":
        this.#warn(`Could not ${step} the track; trying again.`, error);
        break;
      case "go-back":
        this.#refused.set(step === "reconfigure" ? this.#desired.opus : this.#desired.capture, error);
        this.#desired = { ...this.#desired, ...before };
        this.#pause.set(0);
        this.#backoff.reset();
        break;
      case "publish-anew":
        if (this.#actual) this.#actual.spent = true;
        this.#warn(`Could not ${step} the track; it is published anew.`, error);
        break;
      case "fail":
        this.#fail(error);
        break;
      case "abandon":
        link.abandon(`could not ${step} the track ${this.facts.id}`);
        break;
    }
  }

  /** What a refused change goes back to; undefined where there is nothing. */
  #before(step: TrackStep): Partial<DesiredTrack> | undefined {
    if (step === "reconfigure" && this.#actual) return { opus: this.#actual.opus };
    return this.#goodCapture && this.#goodCapture !== this.#desired.capture ? { capture: this.#goodCapture } : undefined;
  }

  #throwRefusal(what: object): void {
    const error = this.#refused.get(what);
    this.#refused.delete(what);
    if (error) throw error;
  }

  #sourceEnded(actual: ActualTrack, error: RoomtoneError | undefined): void {
    if (this.#actual !== actual || this.#final) return;
    if (this.#desired.capture !== actual.capture) {
      actual.spent = true; // Its `ended` has settled: it cannot tell when the next source ends.
      this.kick();
    } else void this.unpublish(error ? { reason: "source-failed", error } : { reason: "source-ended" });
  }

  #intendMute(muted: boolean, by: "user" | "server"): void {
    if (this.#desired.muted === muted || this.#final) return;
    this.#desired = { ...this.#desired, muted };
    this.#owner.emit({ type: muted ? "muted" : "unmuted", publication: this.state, by });
  }

  #fail(error: RoomtoneError): void {
    this.#final = "failed";
    this.#owner.emit({ type: "publish-failed", publication: this.state, error });
    this.#end({ reason: "unpublished", error }, "failed", error);
  }

  #end(end: PublicationEnd, status: "failed" | "unpublished", error: RoomtoneError | undefined): void {
    this.#final = status;
    this.#actual = undefined;
    this.#pause.wake();
    this.#live.reject(error);
    this.#ended.resolve(end);
    this.#owner.forget(this);
    for (const wake of this.#idle.splice(0)) wake();
  }

  /** Resolves when the loop has nothing more that it could do now. */
  #caughtUp(): Promise<void> {
    this.kick();
    return this.#running ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  #isPassing({ code, details }: RoomtoneError): boolean {
    if (code === "internal") return this.#goodCapture !== undefined; // Once it was live, a fault of the driver's is worth another try.
    return code === "server-unreachable" ? details.retryable !== false : details.retryable === true;
  }

  #warn(message: string, error: RoomtoneError | undefined): void {
    this.#owner.emit({ type: "warning", message, ...(error ? { error } : {}) });
  }
}
