import { type DriverEvent, isNetworkObservable, Lifetime, type PublishedTrack, type RoomConnection } from "@roomtone/core";
import { opusDriver, releaseNatives } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DevServer, Hall, startDevServer } from "./support/hall.js";
import { openSignalRelay, type SignalRelay } from "./support/signal-relay.js";

let server: DevServer;
let hall: Hall;
let relay: SignalRelay;
let events: DriverEvent[];
let lifetime: Lifetime;

beforeAll(async () => {
  server = await startDevServer();
});
afterAll(async () => {
  await server?.close();
  await releaseNatives();
});
beforeEach(async () => {
  lifetime = new Lifetime();
  events = [];
  hall = lifetime.own(new Hall(server), (opened) => opened.close());
  relay = lifetime.own(await openSignalRelay(server.url), (opened) => opened.close());
});
afterEach(() => lifetime.close());

const never = new AbortController().signal;

async function join(): Promise<RoomConnection> {
  const options = { url: relay.url, token: await hall.token("me"), subscribe: false, on: (event: DriverEvent) => events.push(event) };
  return lifetime.own(await opusDriver().connect(options, never), (connection) => connection.close());
}

function publish(connection: RoomConnection, muted = false): Promise<PublishedTrack> {
  const capture = lifetime.own(new ExamPcmCapture(), (opened) => opened.close());
  return connection.publish(capture, { trackId: "t", name: "t", source: "microphone", muted, opus: {} }, never);
}

/** Whether the server has told us that it lists `sid`. */
const isListed = (sid: string) =>
  relay.responses.some(
    (message) =>
      message.case === "update" &&
      message.value.participants.some(({ identity, tracks }) => identity === "me" && tracks.some((track) => track.sid === sid)),
  );

describe("a publish", () => {
  it("resolves when the server lists the track, the first and later ones, muted or not", async () => {
    const connection = await join();
    for (const muted of [false, true, false, true]) {
      const track = await publish(connection, muted);
      expect(isListed(track.sid)).toBe(true);
    }
  });

  it("at a server that does not say what it lists resolves when the first packets are reported to have arrived", async () => {
    const connection = await join();
    relay.filter((message) => message.case !== "update");
    const track = await publish(connection, true);
    if (!isNetworkObservable(track)) expect.unreachable();
    expect((await track.networkSample()).arrivedMark).toBeDefined();
  });
});
