import { type Credentials, type JoinRoomOptions, Lifetime, type Publication, type RoomEvent, type RoomSession } from "@roomtone/core";
import { joinRoom } from "@roomtone/node-audio";
import { ExamPcmCapture, systemTime, until } from "@roomtone/testing";
import { ToneListener } from "./tone-listener.js";

let rooms = 0;

/** Who lets people in: a development server, or one with settings of its own. */
export interface TokenServer {
  readonly url: string;
  createToken(claims: { readonly identity: string; readonly roomName: string; readonly validForS?: number }): Promise<string>;
}

export interface FaultRoomOptions extends JoinRoomOptions {
  readonly server: TokenServer;
  readonly driver: string;
  /** Where the publisher connects; listeners go to the server itself. */
  readonly url?: string;
  readonly credentials?: (room: FaultRoom) => Credentials;
  readonly roomName?: string;
  /** Where listeners connect: default the server's. */
  readonly listenerUrl?: string;
}

/** A room that is kept: it publishes 440 Hz, and whoever joins as a listener must hear it. */
export class FaultRoom {
  readonly roomName: string;
  readonly events: (RoomEvent & { readonly atMs: number })[] = [];
  readonly lifetime = new Lifetime();
  readonly capture = this.lifetime.own(new ExamPcmCapture(), (capture) => capture.close());
  readonly #options: FaultRoomOptions;
  #session: RoomSession | undefined;
  #publication: Publication | undefined;
  #listeners = 0;

  private constructor(options: FaultRoomOptions) {
    this.#options = options;
    this.roomName = options.roomName ?? `fault-${process.pid}-${++rooms}`;
  }

  /** Joined, published, and live. */
  static async open(options: FaultRoomOptions): Promise<FaultRoom> {
    const room = new FaultRoom(options);
    try {
      await room.#join();
      room.#publication = await room.session.publish(room.capture, { name: "voice" });
      return room;
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** Joined, with nothing published yet. */
  static async joined(options: FaultRoomOptions): Promise<FaultRoom> {
    const room = new FaultRoom(options);
    await room.#join().catch(async (error: unknown) => {
      await room.close();
      throw error;
    });
    return room;
  }

  async #join(): Promise<void> {
    const { server, driver, url = server.url, credentials, roomName: _, listenerUrl: __, ...options } = this.#options;
    const on = { any: (event: RoomEvent) => void this.events.push({ ...event, atMs: performance.now() }) };
    const given = credentials?.(this) ?? { url, token: await this.token("publisher") };
    this.#session = this.lifetime.own(await joinRoom(given, { ...options, driver, on }), (session) => session.close());
  }

  get session(): RoomSession {
    if (!this.#session) throw new Error("not joined");
    return this.#session;
  }

  get publication(): Publication {
    if (!this.#publication) throw new Error("not published");
    return this.#publication;
  }

  token(identity: string): Promise<string> {
    return this.#options.server.createToken({ identity, roomName: this.roomName });
  }

  count(type: RoomEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** How often it was joined anew: a busy machine can make it doubt a connection for a moment, and find it well. */
  get rejoins(): number {
    return this.events.filter((event) => event.type === "reconnected" && !event.resumed).length;
  }

  /** Waits for the `times`th event of that type. */
  told(type: RoomEvent["type"], { times = 1, deadlineMs = 30_000 } = {}): Promise<void> {
    return until(systemTime(), `the event ${type}`, () => this.count(type) >= times, deadlineMs);
  }

  async listener(): Promise<ToneListener> {
    const token = await this.token(`listener-${++this.#listeners}`);
    const url = this.#options.listenerUrl ?? this.#options.server.url;
    return this.lifetime.own(await ToneListener.join(url, token), (listener) => listener.leave());
  }

  /** Joins a listener, and resolves with the moment at which it heard 440 Hz. */
  async freshlyHeardMs(deadlineMs = 30_000): Promise<number> {
    const listener = await this.listener();
    return listener.hearsMs(440, deadlineMs);
  }

  /** The same where the server stays: a listener that joins before us would hear the end of what we were. */
  async heardWhenBackMs(deadlineMs = 60_000): Promise<number> {
    const isBack = () => this.session.state.connection === "connected" && this.publication.state.status === "live";
    await until(systemTime(), "the room is connected and the publication live", isBack, deadlineMs);
    return this.freshlyHeardMs();
  }

  close(): Promise<void> {
    return this.lifetime.close();
  }
}
