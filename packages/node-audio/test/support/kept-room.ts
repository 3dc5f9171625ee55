import { isDeepStrictEqual } from "node:util";
import type { RoomEvent, RoomSession } from "@roomtone/core";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { joinRoom } from "@roomtone/node-audio";
import { ExamPcmCapture, systemTime, until } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";

const ROOM = "kept";

/** A session with the driver rtc at a real server that a test kills, freezes and starts, and who else sees the room. */
export class KeptRoom {
  readonly server: DevServer;
  readonly events: RoomEvent[] = [];
  readonly #captures: ExamPcmCapture[] = [];
  readonly #peers: RtcNodePeer[] = [];
  #session: RoomSession | undefined;

  private constructor(server: DevServer) {
    this.server = server;
  }

  static async open(): Promise<KeptRoom> {
    const kept = new KeptRoom(await startDevServer());
    const token = await kept.server.createToken({ identity: "me", roomName: ROOM });
    kept.#session = await joinRoom(
      { url: kept.server.url, token },
      { driver: "rtc", on: { any: (event) => void kept.events.push(event) } },
    );
    return kept;
  }

  get session(): RoomSession {
    if (!this.#session) throw new Error("not joined");
    return this.#session;
  }

  capture(frequencyHz: number): ExamPcmCapture {
    const capture = new ExamPcmCapture({ frequencyHz });
    this.#captures.push(capture);
    return capture;
  }

  /** A new participant that sees and hears the room as it is now. */
  async peer(): Promise<RtcNodePeer> {
    const token = await this.server.createToken({ identity: `peer-${this.#peers.length}`, roomName: ROOM });
    const peer = await RtcNodePeer.join(this.server.url, token);
    this.#peers.push(peer);
    return peer;
  }

  /** Waits until `peer` sees exactly these tracks of ours: name and mute. */
  seen(peer: RtcNodePeer, expected: Readonly<Record<string, "muted" | "live">>): Promise<void> {
    return until(systemTime(), `a peer sees ${JSON.stringify(expected)}`, async () => {
      const tracks = (await peer.participants()).find(({ identity }) => identity === "me")?.tracks ?? [];
      const seen = Object.fromEntries(tracks.map(({ name, muted }) => [name, muted ? "muted" : "live"]));
      return tracks.length === Object.keys(expected).length && isDeepStrictEqual(seen, expected);
    });
  }

  heard(peer: RtcNodePeer, name: string, frequencyHz: number): Promise<void> {
    return until(systemTime(), `a peer hears ${frequencyHz} Hz`, async () => {
      const { level, frequencyHz: heardHz } = await peer.hear("me", name, 300);
      return level > 0.05 && Math.abs(heardHz - frequencyHz) < frequencyHz * 0.03;
    });
  }

  told(type: RoomEvent["type"], deadlineMs = 60_000): Promise<void> {
    return until(systemTime(), `the event ${type}`, () => this.events.some((event) => event.type === type), deadlineMs);
  }

  count(type: RoomEvent["type"]): number {
    return this.events.filter((event) => event.type === type).length;
  }

  async close(): Promise<void> {
    await this.#session?.close();
    await Promise.all([...this.#peers.map((peer) => peer.leave()), ...this.#captures.map((capture) => capture.close())]);
    await this.server.close();
  }
}
