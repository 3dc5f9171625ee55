import type { DriverEvent } from "@roomtone/core";
import { ExamPcmCapture } from "./exam-capture.js";
import { FakeDriver, type FakeDriverOptions } from "./fake-driver.js";
import { describeParticipant, type FakeParticipant, FakeServer } from "./fake-server.js";
import { createFakeToken } from "./fake-token.js";
import { type HeardAudio, heardAudio } from "./heard-audio.js";
import type { ExamTokenOptions, RoomDriverExamEnvironment, RoomPeer } from "./room-driver-exam-environment.js";
import { VirtualClock } from "./virtual-clock.js";

/** The fake driver and server as an exam's environment, in virtual time. */
export function createFakeExamEnvironment(options: FakeDriverOptions = {}): RoomDriverExamEnvironment {
  const time = new VirtualClock();
  const server = new FakeServer(time);
  const { replace = true, networkSamples = true, data = true } = options;
  const find = (room: string, identity: string): FakeParticipant => {
    const participant = server.participant(room, identity);
    if (!participant) throw new Error(`nobody called ${identity} is in ${room}`);
    return participant;
  };
  return {
    driver: new FakeDriver(server, options),
    url: server.url,
    deadUrl: "ws://dead.test",
    time,
    abilities: { replace, networkSamples, data },
    token: async (wanted) => examToken(server, wanted),
    join: async ({ identity, room }) => new FakePeer(server, identity, room),
    moderator: {
      mute: async (room, identity, trackSid) => {
        const track = find(room, identity).tracks.get(trackSid);
        if (track) server.muteByServer(track, true);
      },
      remove: async (room, identity) => server.remove(find(room, identity)),
      deleteRoom: async (room) => server.deleteRoom(room),
      setParticipantMetadata: async (room, identity, metadata) => server.setParticipantMetadata(find(room, identity), metadata),
      setRoomMetadata: async (room, metadata) => server.setRoomMetadata(room, metadata),
    },
    capture: (frequencyHz) => new ExamPcmCapture({ frequencyHz, time }),
    close: async () => {},
  };
}

function examToken(server: FakeServer, { fault, ...wanted }: ExamTokenOptions): string {
  const nowS = server.wallClockMs() / 1000;
  return createFakeToken({
    ...wanted,
    expiresAtS: nowS + (fault === "expired" ? -3600 : 3600),
    wrongSignature: fault === "wrong-signature",
  });
}

/** A participant that talks to the fake server directly. */
class FakePeer implements RoomPeer {
  readonly received: Array<{ payload: Uint8Array; topic: string; identity: string }> = [];
  readonly #server: FakeServer;
  readonly #participant: FakeParticipant;
  readonly #captures: ExamPcmCapture[] = [];

  constructor(server: FakeServer, identity: string, room: string) {
    this.#server = server;
    const nobody = () => {};
    const sink = { tell: (event: DriverEvent) => this.#hearData(event), mutedByServer: nobody, end: nobody, wire: nobody };
    this.#participant = server.admit(createFakeToken({ identity, room }), true, sink);
  }

  async participants() {
    return this.#others().map(describeParticipant);
  }

  async hear(identity: string, trackName: string, windowMs: number): Promise<HeardAudio> {
    const owner = this.#others().find((other) => other.identity === identity);
    const track = [...(owner?.tracks.values() ?? [])].findLast((candidate) => candidate.name === trackName);
    const stream = track?.audio.frames({ capacityMs: windowMs + 100 });
    await this.#server.time.sleep(windowMs);
    const samples: number[] = [];
    if (stream) {
      const collecting = (async () => {
        for await (const frame of stream) samples.push(...frame.samples);
      })();
      await this.#server.time.sleep(0);
      await stream.return();
      await collecting;
    }
    return heardAudio(Int16Array.from(samples), 48_000);
  }

  async publish(frequencyHz: number, { name }: { readonly name: string }) {
    const server = this.#server;
    const capture = new ExamPcmCapture({ frequencyHz, time: server.time });
    this.#captures.push(capture);
    const track = server.addTrack(this.#participant, name, "microphone", false);
    void (async () => {
      for await (const frame of capture.frames()) server.deliver(track, frame);
    })();
    return {
      sid: track.sid,
      unpublish: async () => {
        await capture.close();
        server.removeTrack(track);
      },
    };
  }

  async sendData(payload: Uint8Array, { topic }: { readonly topic: string }): Promise<void> {
    this.#server.sendData(this.#participant, payload, topic, []);
  }

  async leave(): Promise<void> {
    for (const capture of this.#captures) await capture.close();
    this.#server.leave(this.#participant);
  }

  #others(): FakeParticipant[] {
    return [...this.#participant.room.participants.values()].filter((other) => other !== this.#participant);
  }

  #hearData(event: DriverEvent): void {
    if (event.type !== "data-received") return;
    this.received.push({ payload: event.payload, topic: event.topic, identity: event.participant?.identity ?? "" });
  }
}
