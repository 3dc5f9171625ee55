import {
  isPcmCapture,
  type NetworkSample,
  type OpusSettings,
  type PcmCapture,
  type PublishableCapture,
  type PublishedTrack,
  RoomtoneError,
  toRoomtoneError,
} from "@roomtone/core";
import type { FakeConnection } from "./fake-connection.js";
import type { FakeServerTrack } from "./fake-server.js";

/** A track of the fake driver: a pump from the capture to the server. What it can do besides depends on the driver's options. */
export class FakePublishedTrack implements PublishedTrack {
  readonly id: string;
  readonly sid: string;
  readonly ended: Promise<RoomtoneError | undefined>;
  readonly serverTrack: FakeServerTrack;
  /** What it was published with, and what each `reconfigure` brought. */
  settings: Partial<OpusSettings> = {};
  readonly connection: FakeConnection;
  #settleEnded: (error: RoomtoneError | undefined) => void = () => {};
  #pump: AbortController | undefined;
  #muted: boolean;
  #gone = false;
  #packetsSent = 0;

  constructor(connection: FakeConnection, trackId: string, serverTrack: FakeServerTrack, capture: PcmCapture) {
    this.connection = connection;
    this.id = trackId;
    this.sid = serverTrack.sid;
    this.serverTrack = serverTrack;
    this.#muted = serverTrack.muted;
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    this.feed(capture);
  }

  setMuted(muted: boolean): Promise<void> {
    return this.operate("set-muted", () => {
      this.#muted = muted;
      this.connection.driver.server.setMuted(this.serverTrack, muted);
    });
  }

  unpublish(): Promise<void> {
    return this.operate("unpublish", () => {
      this.release();
      this.connection.forgetTrack(this.id, this);
      this.connection.driver.server.removeTrack(this.serverTrack);
    });
  }

  sample(): NetworkSample {
    return {
      timestampMs: this.connection.driver.server.time.nowMs(),
      packetsSent: this.#packetsSent,
      bytesSent: this.#packetsSent * 80,
      arrivedMark: this.serverTrack.audio.packets,
      audioTakenMs: this.#packetsSent * 10,
      packetsLost: 0,
      ...this.connection.driver.network,
    };
  }

  /** Stops reading the capture, which stays open; nothing can be done with the track any more. */
  release(): void {
    this.#gone = true;
    this.#stop();
  }

  /** Reads `capture` from now on, instead of what was read before. */
  feed(capture: PcmCapture): void {
    this.#stop();
    const pump = new AbortController();
    this.#pump = pump;
    const stream = capture.frames({ signal: pump.signal });
    const finish = (error: RoomtoneError | undefined) => {
      if (!pump.signal.aborted) this.#settleEnded(error);
    };
    void (async () => {
      for await (const frame of stream) {
        if (this.#muted || this.serverTrack.muted) continue;
        this.#packetsSent += 1;
        if (this.connection.isWired) this.connection.driver.server.deliver(this.serverTrack, frame);
      }
    })().then(
      () => finish(undefined),
      (error: unknown) => finish(toRoomtoneError(error)),
    );
  }

  operate<T>(kind: "set-muted" | "replace" | "reconfigure" | "unpublish" | "sample", action: () => T): Promise<Awaited<T>> {
    const { driver, localParticipant } = this.connection;
    const operation = { kind, identity: localParticipant.identity, trackId: this.id };
    const key = kind === "sample" ? `the reading of ${this.sid}` : `${this.id} on ${localParticipant.sid}`;
    return driver.onTrack(operation, key, undefined, () => {
      if (this.#gone && kind !== "unpublish") throw new RoomtoneError("server-unreachable", "The track is gone.");
      return action();
    });
  }

  #stop(): void {
    this.#pump?.abort();
    this.#pump = undefined;
  }
}

/** A track with the abilities that its driver has: an absent one is absent, not a method that refuses. */
export function createFakePublishedTrack(
  connection: FakeConnection,
  trackId: string,
  serverTrack: FakeServerTrack,
  capture: PcmCapture,
): FakePublishedTrack {
  const track = new FakePublishedTrack(connection, trackId, serverTrack, capture);
  const { replace = true, reconfigure = true, networkSamples = true } = connection.driver.options;
  const abilities: Record<string, unknown> = {};
  if (replace) {
    abilities["replace"] = (next: PublishableCapture) =>
      track.operate("replace", () => {
        if (!isPcmCapture(next)) throw new RoomtoneError("unsupported", "The fake driver takes PCM.");
        track.feed(next);
      });
  }
  if (reconfigure) {
    abilities["reconfigure"] = (settings: Partial<OpusSettings>) =>
      track.operate("reconfigure", () => {
        if ((settings.channels ?? 1) !== (track.settings.channels ?? 1)) {
          throw new RoomtoneError("unsupported", "The fake driver publishes another number of channels anew.", { setting: "channels" });
        }
        track.settings = { ...track.settings, ...settings };
      });
  }
  if (networkSamples) abilities["networkSample"] = () => track.operate("sample", () => track.sample());
  return Object.assign(track, abilities);
}
