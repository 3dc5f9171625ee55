import { type AbortControllerLike, whenAborted } from "./abort.js";
import { Backoff } from "./backoff.js";
import type { PublishableCapture } from "./capture.js";
import { deferred } from "./deferred.js";
import type { OpusSettings } from "./encode.js";
import { type RoomtoneError, toRoomtoneError } from "./errors.js";
import type { LiveConnection } from "./live-connection.js";
import { isNetworkObservable, type NetworkSample, type PublishedTrack } from "./publish.js";
import type { PublicationState } from "./room.js";
import type { PublicationEnd } from "./session.js";
import { isPassing, remedyFor, takesRepublish } from "./track-failure.js";
import { TrackIntent } from "./track-intent.js";
import { TrackLiveness } from "./track-liveness.js";
import { carryOut, type TrackFacts } from "./track-operation.js";
import type { TrackOwner } from "./track-owner.js";
import { TrackQuality } from "./track-quality.js";
import { TrackReadings } from "./track-readings.js";
import { type ActualTrack, type DesiredTrack, nextStep, type TrackStep } from "./track-step.js";
import { Pause } from "./waiting.js";

const AFTER_LOSS_MS = 1000; // A track that the server drops again and again is not published in a tight loop.

/**
 * One publication: what is desired of it, what the driver reports, and the loop that moves the second to the first, one operation at a time.
 * Longer than other files: each of its methods reads and writes the same few fields, and a part of it elsewhere would share them all.
 */
export class TrackLoop {
  readonly facts: TrackFacts;
  readonly #owner: TrackOwner;
  readonly #live = deferred<void>();
  readonly #ended = deferred<PublicationEnd>();
  /** Settles when first live: or rejects with why it never was. */
  readonly live = this.#live.promise;
  readonly ended = this.#ended.promise;
  readonly #backoff: Backoff;
  readonly #liveness: TrackLiveness;
  readonly #pause: Pause;
  readonly #readings: TrackReadings;
  readonly #intent: TrackIntent;
  /** Absent where the settings are fixed. */
  readonly #quality: TrackQuality | undefined;
  #actual: ActualTrack | undefined;
  #endsWith: PublicationEnd = { reason: "unpublished" };
  #final: PublicationState["status"] | undefined;
  #announcedSid: string | undefined;
  #running = false;
  #operating = false;
  /** A moderator's mute came while an operation was under way. */
  #crossed = false;
  #publishing: AbortControllerLike | undefined;
  #idle: Array<() => void> = [];

  constructor(owner: TrackOwner, facts: TrackFacts, desired: DesiredTrack) {
    this.#owner = owner;
    this.facts = facts;
    this.#intent = new TrackIntent(desired);
    this.#backoff = new Backoff(() => owner.runtime.random());
    this.#liveness = new TrackLiveness(owner.runtime);
    this.#pause = new Pause(owner.runtime);
    this.#readings = new TrackReadings(owner.runtime);
    if (facts.quality === "follow-network" && owner.adapts.length > 0) {
      this.#quality = new TrackQuality(facts.profile, desired.opus, owner.adapts);
    }
    this.kick();
  }

  get state(): PublicationState {
    const { id, name, source } = this.facts;
    return { id, sid: this.#actual?.track.sid, name, source, muted: this.#intent.desired.muted, status: this.#status() };
  }

  /** The connection came back by itself: a driver whose vendor published the track anew for that gives it another SID. */
  resumed(outageMs: number): void {
    if (this.#actual && this.#actual.track.sid !== this.#announcedSid) this.#announce(outageMs);
    this.kick();
  }

  get isLive(): boolean {
    return this.#actual !== undefined;
  }

  get opus(): Partial<OpusSettings> {
    return this.#intent.desired.opus;
  }

  /** Resolves when the driver agrees, or cannot be asked now. */
  async setMuted(muted: boolean): Promise<void> {
    if (this.#final || !this.#intent.desired.published) return;
    this.#intendMute(muted, "user");
    await this.#caughtUp();
  }

  /** @throws RoomtoneError where the driver does not take `capture`: then the one before goes on */
  async replace(capture: PublishableCapture): Promise<void> {
    if (this.#final || !this.#intent.desired.published) return;
    this.#intent.forgetRefusal(capture);
    this.#intent.change({ capture });
    await this.#caughtUp();
    this.#intent.throwRefusal(capture);
  }

  /** @throws RoomtoneError where the driver does not take the settings: then the ones before hold */
  async reconfigure(opus: Partial<OpusSettings>): Promise<void> {
    if (this.#final || !this.#intent.desired.published) return;
    this.#intent.change({ opus, adapted: this.#quality?.over(opus) });
    await this.#caughtUp();
    this.#intent.throwRefusal(opus);
  }

  async unpublish(end: PublicationEnd = { reason: "unpublished" }): Promise<void> {
    if (this.#final) return;
    if (this.#intent.desired.published) {
      this.#endsWith = end;
      this.#intent.change({ published: false });
      this.#publishing?.abort(end.error ?? new Error("unpublished"));
    }
    await this.#caughtUp();
  }

  async sample(): Promise<NetworkSample | undefined> {
    return this.#actual && this.#owner.link && this.#readings.read(this.#actual.track, this.#owner.link);
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
    if (error && !isPassing(error, this.#intent.wasLive)) this.#fail(error);
    else {
      this.#owner.emit({ type: "publication-lost", publication: this.state, ...(error ? { error } : {}) });
      this.kick();
      this.#pause.set(AFTER_LOSS_MS);
    }
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
      if (!this.#actual && this.#pause.isSet) this.#wakeIdle(); // It may take long until it is live again.
      if (await this.#pause.take(link.signal)) continue;
      const step = nextStep(this.#intent.desired, this.#actual);
      if (!step) break;
      await this.#carryOut(step, link);
    }
    this.#running = false;
    if (!this.#final && !this.#intent.desired.published && !this.#actual) {
      if (this.#intent.wasLive) this.#owner.emit({ type: "unpublished", publication: { ...this.state, status: "unpublished" } });
      this.#end(this.#endsWith, "unpublished", this.#endsWith.error);
    }
    this.#wakeIdle();
  }

  async #carryOut(name: TrackStep, link: LiveConnection): Promise<void> {
    const { runtime } = this.#owner;
    const [desired, actual] = [this.#intent.desired, this.#actual];
    const scope = runtime.createAbortController();
    const stopListening = whenAborted(link.signal, () => scope.abort(link.signal.reason));
    if (name === "publish") this.#publishing = scope;
    this.#operating = true;
    this.#crossed = false;
    const startedMs = runtime.nowMs();
    const outcome = await carryOut(runtime, link, this.facts, { name, desired, actual }, scope.signal);
    stopListening();
    this.#operating = false;
    this.#publishing = undefined;
    if (link.signal.aborted || this.#final || actual !== this.#actual) return;
    if (!outcome.ok) {
      if (!scope.signal.aborted || outcome.late) this.#stumble(name, desired, link, toRoomtoneError(outcome.error), outcome.late);
      return;
    }
    this.#backoff.reset();
    if (outcome.track) this.#published(outcome.track, desired, link, runtime.nowMs() - startedMs);
    else if (actual) this.#update(name, desired, actual);
  }

  #update(step: TrackStep, desired: DesiredTrack, actual: ActualTrack): void {
    if (step === "unpublish") this.#actual = undefined;
    else if (step === "reconfigure" || step === "adapt") [actual.opus, actual.adapted] = [desired.opus, desired.adapted];
    else if (step === "replace") actual.capture = desired.capture;
    else actual.muted = this.#crossed ? undefined : step === "mute";
    this.#intent.proved(actual);
  }

  #published(track: PublishedTrack, desired: DesiredTrack, link: LiveConnection, elapsedMs: number): void {
    const muted = this.#crossed ? undefined : desired.muted;
    const actual: ActualTrack = { track, capture: desired.capture, opus: desired.opus, adapted: desired.adapted, muted, spent: false };
    this.#actual = actual;
    this.#intent.proved(actual);
    track.ended.then((error) => this.#sourceEnded(actual, error)).catch(() => {});
    this.#announce(elapsedMs);
    this.#live.resolve();
    if (isNetworkObservable(track)) {
      this.#liveness.watch({
        link,
        isCurrent: () => this.#actual === actual,
        isSending: () => actual.muted === false && !this.#intent.desired.muted,
        sample: () => this.sample(),
        onSample: (sample) => this.#follow(sample),
      });
    }
  }

  /** What a reading of the network calls for. */
  #follow(sample: NetworkSample): void {
    const { opus, capture } = this.#intent.desired;
    const decision = this.#quality?.add(sample, this.#owner.quality, capture);
    if (!decision || this.#final) return;
    this.#intent.change({ adapted: this.#quality?.over(opus) });
    this.#owner.emit({ type: "quality-changed", publication: this.state, ...decision });
    this.kick();
  }

  #announce(elapsedMs: number): void {
    this.#announcedSid = this.#actual?.track.sid;
    this.#owner.emit({ type: "published", publication: this.state, driver: this.#owner.driverName, elapsedMs });
  }

  /** A step towards `tried` failed. */
  #stumble(step: TrackStep, tried: DesiredTrack, link: LiveConnection, error: RoomtoneError, late: boolean): void {
    const nowMs = this.#owner.runtime.nowMs();
    this.#backoff.fail(nowMs);
    const remedy = remedyFor({
      step,
      late,
      passing: isPassing(error, this.#intent.wasLive),
      failures: this.#backoff.failures,
      wasLive: this.#intent.wasLive,
      canGoBack: this.#intent.isChange(tried),
      hasOtherLive: this.#owner.hasOtherLive(this),
      takesRepublish: takesRepublish(error),
    });
    this.#pause.set(this.#backoff.leftMs(nowMs));
    switch (remedy) {
      case "retry":
        this.#warn(`Could not ${step} the track; trying again.`, error);
        break;
      case "go-back":
        if (step === "adapt") this.#quality?.refused();
        this.#intent.goBack(tried, error);
        this.#intent.change({ adapted: this.#quality?.over(this.#intent.desired.opus) });
        if (step === "adapt" && this.#actual) this.#actual.adapted = undefined; // It cannot be asked for either.
        this.#pause.set(0);
        this.#backoff.reset();
        this.#warn("The driver refused a change of the track; it goes on as it was.", error);
        break;
      case "republish":
        if (this.#actual) this.#actual.spent = true;
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

  #sourceEnded(actual: ActualTrack, error: RoomtoneError | undefined): void {
    if (this.#actual !== actual || this.#final) return;
    if (this.#intent.desired.capture !== actual.capture) {
      actual.spent = true; // Its `ended` has settled: it cannot tell when the next source ends.
      this.kick();
    } else void this.unpublish(error ? { reason: "source-failed", error } : { reason: "source-ended" });
  }

  #intendMute(muted: boolean, by: "user" | "server"): void {
    if (this.#intent.desired.muted === muted || this.#final) return;
    this.#intent.change({ muted });
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
    this.#wakeIdle();
  }

  /** Resolves when the loop has nothing more that it could do now. */
  #caughtUp(): Promise<void> {
    this.kick();
    return this.#running ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  #wakeIdle(): void {
    for (const wake of this.#idle.splice(0)) wake();
  }

  #warn(message: string, error: RoomtoneError | undefined): void {
    this.#owner.emit({ type: "warning", message, ...(error ? { error } : {}) });
  }
}
