import { Lifetime, type RoomSession } from "@roomtone/core";
import type { DevServer } from "@roomtone/dev-server";
import { joinRoom } from "@roomtone/node-audio";
import { systemTime, until as untilIn } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { afterEach, beforeEach } from "vitest";
import { listParticipants } from "./moderator.js";
import { withDevServer } from "./with-dev-server.js";

let halls = 0;

/** A room of a real server, and who was let into it: closed together. */
export class Hall {
  readonly server: DevServer;
  readonly roomName = `hall-${process.pid}-${++halls}`;
  readonly lifetime = new Lifetime();

  constructor(server: DevServer) {
    this.server = server;
  }

  token(identity: string): Promise<string> {
    return this.server.createToken({ identity, roomName: this.roomName });
  }

  /** Joins through what we publish to the world. */
  async join(identity: string, options: Parameters<typeof joinRoom>[1] = {}): Promise<RoomSession> {
    const credentials = { url: this.server.url, token: await this.token(identity) };
    return this.lifetime.own(await joinRoom(credentials, options), (room) => room.close());
  }

  /** Somebody who listens by other means. */
  peer(identity: string): Promise<RtcNodePeer> {
    return this.admit(identity, RtcNodePeer.join);
  }

  /** Whoever `join` brings in. */
  async admit<T extends { leave(): Promise<void> }>(identity: string, join: (url: string, token: string) => Promise<T>): Promise<T> {
    return this.lifetime.own(await join(this.server.url, await this.token(identity)), (admitted) => admitted.leave());
  }

  /** The tracks of `identity` by the server's own account. */
  async tracks(identity: string) {
    const participants = await listParticipants(this.server, this.roomName);
    return participants.find((participant) => participant.identity === identity)?.tracks ?? [];
  }

  close(): Promise<void> {
    return this.lifetime.close();
  }
}

/** A hall for each test of a file, at one server of the file's own. Returns how to reach it from within a test. */
export function withHall(): () => Hall {
  const server = withDevServer();
  let hall: Hall | undefined;
  beforeEach(() => {
    hall = new Hall(server());
  });
  afterEach(() => hall?.close());
  return () => {
    if (!hall) throw new Error("the hall is there within tests only");
    return hall;
  };
}

/** Waits until `condition` holds; throws, naming `what`, after 15 s. */
export function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  return untilIn(systemTime(), what, condition, 15_000);
}
