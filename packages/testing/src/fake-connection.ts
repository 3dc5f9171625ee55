import {
  type AbortSignalLike,
  type DataChannel,
  type DisconnectReason,
  type DriverConnectOptions,
  type DriverEvent,
  type DriverPublishOptions,
  isPcmCapture,
  type ParticipantInfo,
  type PublishableCapture,
  type RemoteParticipantState,
  type RoomConnection,
  type RoomInfo,
  RoomtoneError,
  type SendDataOptions,
} from "@roomtone/core";
import type { FakeDriver } from "./fake-driver.js";
import { withFault } from "./fake-faults.js";
import { createFakePublishedTrack, type FakePublishedTrack } from "./fake-published-track.js";
import { describeInfo, describeParticipant, describeRoom, type FakeParticipant, type FakeServerTrack } from "./fake-server.js";

/** A connection of the fake driver. `DataChannel` only where the driver carries data. */
export class FakeConnection implements RoomConnection {
  readonly room: RoomInfo;
  readonly localParticipant: ParticipantInfo;
  readonly participants: readonly RemoteParticipantState[];
  declare sendData?: DataChannel["sendData"];
  readonly driver: FakeDriver;
  readonly participant: FakeParticipant;
  /** Times `close` was called. */
  closeCalls = 0;
  readonly #on: (event: DriverEvent) => void;
  readonly #tracks = new Map<string, FakePublishedTrack>();
  readonly #token: string;
  /** Empty until we are in: events come before. */
  #identity = "";
  #phase: "open" | "interrupted" | "over" = "open";

  constructor(driver: FakeDriver, options: DriverConnectOptions) {
    this.driver = driver;
    this.#on = options.on;
    this.#token = options.token;
    this.participant = driver.server.admit(options.token, options.subscribe, {
      tell: (event) => this.#tell(event),
      mutedByServer: (track, muted) => this.#mutedByServer(track, muted),
      end: (reason) => this.end(reason),
      wire: (up) => (up ? this.resume() : this.interrupt()),
    });
    this.#identity = this.participant.identity;
    this.room = describeRoom(this.participant.room);
    this.localParticipant = describeInfo(this.participant);
    this.participants = [...this.participant.room.participants.values()]
      .filter((other) => other !== this.participant)
      .map(describeParticipant);
    if (driver.options.data ?? true) this.sendData = (payload, sendOptions) => this.#sendData(payload, sendOptions);
  }

  get isOpen(): boolean {
    return this.#phase !== "over" && this.closeCalls === 0;
  }

  /** Whether media goes through. */
  get isWired(): boolean {
    return this.#phase === "open";
  }

  /** The signalling breaks; the driver tries its one resume. */
  interrupt(reason = "signal"): void {
    if (this.#phase !== "open") return;
    this.#phase = "interrupted";
    this.#tell({ type: "interrupted", reason });
  }

  /** The resume works, where the server still knows us. */
  resume(): void {
    if (this.#phase !== "interrupted" || !this.driver.server.knows(this.participant)) return;
    this.#phase = "open";
    this.#tell({ type: "resumed" });
  }

  /** The connection is over, and the driver says so; with `url`, that the server sends us there. */
  end(reason: DisconnectReason, url?: string): void {
    if (this.#phase === "over") return;
    this.#tell({ type: "disconnected", reason, ...(url === undefined ? {} : { url }) });
    this.#letGo();
  }

  /** Tells an event as if the server had caused it. */
  tell(event: DriverEvent): void {
    this.#tell(event);
  }

  /** Ours, by our own id. */
  track(trackId: string): FakePublishedTrack | undefined {
    return this.#tracks.get(trackId);
  }

  /** A track of ours is gone at the server. */
  loseTrack(trackId: string): void {
    const track = this.#tracks.get(trackId);
    if (!track) return;
    track.release();
    this.driver.server.removeTrack(track.serverTrack);
    this.#tell({ type: "track-lost", trackId });
  }

  async publish(capture: PublishableCapture, options: DriverPublishOptions, signal: AbortSignalLike): Promise<FakePublishedTrack> {
    const { trackId, name, source, muted } = options;
    return this.driver.onTrack(
      { kind: "publish", identity: this.#identity, trackId },
      `${trackId} on ${this.localParticipant.sid}`,
      signal,
      () => {
        if (this.#phase === "over" || this.closeCalls > 0) throw new RoomtoneError("server-unreachable", "The connection is over.");
        if (!isPcmCapture(capture)) throw new RoomtoneError("unsupported", "The fake driver takes PCM.");
        const serverTrack = this.driver.server.addTrack(this.participant, name, source, muted);
        const track = createFakePublishedTrack(this, trackId, serverTrack, capture);
        track.settings = options.opus;
        this.#tracks.set(trackId, track);
        return track;
      },
    );
  }

  async close(): Promise<void> {
    this.closeCalls += 1;
    if (this.closeCalls > 1 || this.#phase === "over") return;
    const wasInterrupted = this.#phase === "interrupted";
    this.#letGo();
    if (wasInterrupted && this.driver.options.ghostAfterMs !== undefined) this.#haunt(this.driver.options.ghostAfterMs);
    await this.driver.server.answering();
    await withFault(this.driver.server.time, this.driver.faults({ kind: "close", identity: this.#identity }), undefined, () =>
      this.driver.server.leave(this.participant),
    );
  }

  forgetTrack(trackId: string, track: FakePublishedTrack): void {
    if (this.#tracks.get(trackId) === track) this.#tracks.delete(trackId);
  }

  #letGo(): void {
    this.#phase = "over";
    for (const track of this.#tracks.values()) track.release();
  }

  /** The vendor's leftover joins with our identity, and evicts whoever took our place. */
  #haunt(delayMs: number): void {
    const { server } = this.driver;
    server.time.setTimer(() => {
      if (!server.isUp) return;
      const nobody = () => {};
      server.admit(this.#token, false, { tell: nobody, mutedByServer: nobody, end: nobody, wire: nobody });
    }, delayMs);
  }

  #mutedByServer(serverTrack: FakeServerTrack, muted: boolean): void {
    const track = [...this.#tracks.values()].find((candidate) => candidate.serverTrack === serverTrack);
    if (track) this.#tell({ type: "muted-by-server", trackId: track.id, muted });
  }

  async #sendData(payload: Uint8Array, options: SendDataOptions): Promise<void> {
    const { server } = this.driver;
    await withFault(server.time, this.driver.faults({ kind: "send-data", identity: this.#identity }), undefined, () =>
      server.sendData(this.participant, payload, options.topic ?? "", options.to ?? []),
    );
  }

  #tell(event: DriverEvent): void {
    if (this.#phase === "over" || this.closeCalls > 0) return;
    const fault = this.driver.faults({ kind: "event", identity: this.#identity, event: event.type });
    const say = () => {
      if (this.closeCalls === 0) this.#on(event);
    };
    if (fault?.delayMs === undefined) say();
    else this.driver.server.time.setTimer(say, fault.delayMs);
    if (fault?.duplicate) say();
  }
}
