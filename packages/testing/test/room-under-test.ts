import {
  type Credentials,
  createJoinRoom,
  type JoinRoomOptions,
  type PublicationState,
  type RoomEvent,
  type RoomSession,
  type TokenSource,
} from "@roomtone/core";
import {
  createFakeRuntime,
  createFakeToken,
  ExamPcmCapture,
  type FakeRuntime,
  type FakeRuntimeOptions,
  type FakeServerTrack,
  type FakeTokenOptions,
} from "@roomtone/testing";
import { expect } from "vitest";

export const ROOM = "room";
export const IDENTITY = "me";

/** A session on fakes, and what a test asks of it. */
export class RoomUnderTest {
  readonly runtime: FakeRuntime;
  readonly events: RoomEvent[] = [];
  readonly captures: ExamPcmCapture[] = [];
  room: RoomSession | undefined;

  constructor(options: FakeRuntimeOptions = {}) {
    this.runtime = createFakeRuntime(options);
  }

  get clock() {
    return this.runtime.clock;
  }

  get server() {
    return this.runtime.server;
  }

  get driver() {
    return this.runtime.fakeDriver;
  }

  get connection() {
    const { current } = this.driver;
    if (!current) throw new Error("nothing was connected");
    return current;
  }

  get session(): RoomSession {
    if (!this.room) throw new Error("not joined");
    return this.room;
  }

  token(options: Partial<FakeTokenOptions> = {}): string {
    return createFakeToken({ identity: IDENTITY, room: ROOM, expiresAtS: this.runtime.wallClockMs() / 1000 + 3600, ...options });
  }

  /** Begins to join; the promise is the caller's to run. */
  joining(options: JoinRoomOptions = {}, credentials?: Credentials): Promise<RoomSession> {
    const on = { any: (event: RoomEvent) => void this.events.push(event) };
    return createJoinRoom(this.runtime)(credentials ?? { url: this.server.url, token: this.token() }, { on, ...options });
  }

  async join(options: JoinRoomOptions = {}, credentials?: Credentials): Promise<RoomSession> {
    this.room = await this.clock.run(this.joining(options, credentials));
    return this.room;
  }

  capture(frequencyHz = 440): ExamPcmCapture {
    const capture = new ExamPcmCapture({ frequencyHz, time: this.clock, intervalMs: 100 });
    this.captures.push(capture);
    return capture;
  }

  /** Our tracks as the server holds them. */
  serverTracks(): readonly FakeServerTrack[] {
    return [...(this.server.participant(ROOM, IDENTITY)?.tracks.values() ?? [])];
  }

  /** What the server holds of our tracks: names and mutes. */
  published(): Record<string, "muted" | "live"> {
    return Object.fromEntries(this.serverTracks().map((track) => [track.name, track.muted ? "muted" : "live"]));
  }

  publications(): readonly PublicationState[] {
    return this.session.state.publications;
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }

  all<Type extends RoomEvent["type"]>(type: Type): Extract<RoomEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<RoomEvent, { type: Type }> => event.type === type);
  }

  /** After the room's end: nothing is left open, and nothing was done that must not be. */
  expectNothingLeft(): void {
    expect({
      timers: this.clock.pendingTimers,
      listeners: this.runtime.aborts.openListeners,
      connections: this.driver.openConnections,
      consumers: this.captures.reduce((sum, capture) => sum + capture.openConsumers, 0),
      inRoom: this.server.participant(ROOM, IDENTITY) !== undefined,
      violations: this.driver.violations,
    }).toEqual({ timers: 0, listeners: 0, connections: 0, consumers: 0, inRoom: false, violations: [] });
  }

  async leave(): Promise<void> {
    await this.clock.run(this.session.close());
    await this.clock.advance(200); // A capture's own timer notices with its next frame that nobody listens.
    this.expectNothingLeft();
  }
}

/** A token source whose answers a test decides, and that notes how it was asked. */
export class ScriptedTokenSource implements TokenSource {
  readonly calls: Array<{ options: unknown; force: boolean }> = [];
  answer: (call: number, force: boolean) => Promise<{ serverUrl: string; participantToken: string }>;

  constructor(answer: ScriptedTokenSource["answer"]) {
    this.answer = answer;
  }

  fetch(options: unknown, force = false) {
    this.calls.push({ options, force });
    return this.answer(this.calls.length, force);
  }
}
