import {
  type DriverEvent,
  Lifetime,
  type PublishableCapture,
  type PublishedTrack,
  type RoomConnection,
  type TrackSource,
} from "@roomtone/core";
import type { ExamCapture } from "./exam-capture.js";
import type { ExamTokenOptions, RoomDriverExamEnvironment, RoomPeer, SeenTrack } from "./room-driver-exam-environment.js";
import { until } from "./virtual-clock.js";

/** The event of that type, also where one member of the union stands for several types. */
type EventOf<Type extends DriverEvent["type"], Event = DriverEvent> = Event extends { readonly type: infer Types }
  ? Type extends Types
    ? Event & { readonly type: Type }
    : never
  : never;

/** What a driver told, in order. */
export class DriverEventLog {
  readonly events: DriverEvent[] = [];
  readonly #environment: RoomDriverExamEnvironment;

  constructor(environment: RoomDriverExamEnvironment) {
    this.#environment = environment;
  }

  readonly on = (event: DriverEvent): void => {
    this.events.push(event);
  };

  all<Type extends DriverEvent["type"]>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** The first event of that type that `matches`, told already or soon. */
  async wait<Type extends DriverEvent["type"]>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    let found: EventOf<Type> | undefined;
    await until(this.#environment.time, `the driver's event ${type}`, () => {
      found = this.all(type).find(matches);
      return found !== undefined;
    });
    return found as EventOf<Type>;
  }
}

export interface Joined {
  readonly connection: RoomConnection;
  readonly log: DriverEventLog;
  /** Publishes with the exam's defaults: the name is also our track id. */
  publish(capture: PublishableCapture, name: string, options?: { muted?: boolean; source?: TrackSource }): Promise<PublishedTrack>;
}

let sittings = 0;

/** One claim's sitting: a room of its own, and everything opened in it, to be closed at its end. */
export class Sitting {
  readonly environment: RoomDriverExamEnvironment;
  readonly room: string;
  readonly #lifetime = new Lifetime();

  constructor(environment: RoomDriverExamEnvironment) {
    this.environment = environment;
    this.room = `exam-${Date.now().toString(36)}-${++sittings}`;
  }

  token(options: Omit<ExamTokenOptions, "room">): Promise<string> {
    return this.environment.token({ ...options, room: this.room });
  }

  /** Joins as `identity` through the driver under test. */
  async join(identity: string, options: { subscribe?: boolean; grants?: ExamTokenOptions["grants"]; name?: string } = {}): Promise<Joined> {
    const { driver, url } = this.environment;
    const log = new DriverEventLog(this.environment);
    const token = await this.token({
      identity,
      ...(options.name ? { name: options.name } : {}),
      ...(options.grants ? { grants: options.grants } : {}),
    });
    const signal = new AbortController().signal;
    const connection = this.#lifetime.own(
      await driver.connect({ url, token, subscribe: options.subscribe ?? false, on: log.on }, signal),
      (opened) => opened.close(),
    );
    return {
      connection,
      log,
      publish: (capture, name, { muted = false, source = "microphone" } = {}) =>
        connection.publish(capture, { trackId: name, name, source, muted, opus: {} }, signal),
    };
  }

  async peer(identity: string): Promise<RoomPeer> {
    return this.#lifetime.own(await this.environment.join({ identity, room: this.room }), (peer) => peer.leave());
  }

  capture(frequencyHz: number): ExamCapture {
    return this.#lifetime.own(this.environment.capture(frequencyHz), (capture) => capture.close());
  }

  /** Waits until `peer` sees a track that `matches`. */
  async seen(peer: RoomPeer, identity: string, name: string, matches: (track: SeenTrack) => boolean = () => true): Promise<SeenTrack> {
    let found: SeenTrack | undefined;
    await until(this.environment.time, `a peer sees the track ${name}`, async () => {
      found = (await this.tracks(peer, identity)).find((track) => track.name === name && matches(track));
      return found !== undefined;
    });
    return found as SeenTrack;
  }

  async tracks(peer: RoomPeer, identity: string): Promise<readonly SeenTrack[]> {
    return (await peer.participants()).find((participant) => participant.identity === identity)?.tracks ?? [];
  }

  /** Waits until `peer` sees nobody of that identity. */
  gone(peer: RoomPeer, identity: string): Promise<void> {
    return until(
      this.environment.time,
      `a peer sees ${identity} leave`,
      async () => !(await peer.participants()).some((participant) => participant.identity === identity),
    );
  }

  /** Waits until `peer` hears `frequencyHz`, within 3 %. */
  heard(peer: RoomPeer, identity: string, trackName: string, frequencyHz: number): Promise<void> {
    return until(this.environment.time, `a peer hears ${frequencyHz} Hz`, async () => {
      const audio = await peer.hear(identity, trackName, 300);
      return audio.level > 0.05 && Math.abs(audio.frequencyHz - frequencyHz) < frequencyHz * 0.03;
    });
  }

  sleep(durationMs: number): Promise<void> {
    return this.environment.time.sleep(durationMs);
  }

  end(): Promise<void> {
    return this.#lifetime.close();
  }
}
