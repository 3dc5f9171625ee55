import { ICEServer, RoomUpdate, Room as VendorRoom } from "@livekit/protocol";
import { type DriverEvent, isRoomtoneError, type RoomConnection } from "@roomtone/core";
import { opusDriver } from "@roomtone/node-audio";
import { beforeEach, describe, expect, it } from "vitest";
import { until } from "./support/hall.js";
import { openScriptedServer, response, type ScriptedServer, type ScriptedServerOptions, welcome } from "./support/scripted-server.js";
import { withLifetime } from "./support/with-lifetime.js";

const MIB = 1024 * 1024;
const lifetime = withLifetime();
let events: DriverEvent[];
beforeEach(() => {
  events = [];
});

async function serve(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  return lifetime().own(await openScriptedServer(options), (server) => server.close());
}

async function join({ url }: ScriptedServer): Promise<RoomConnection> {
  const options = { url, token: "any", subscribe: false, on: (event: DriverEvent) => void events.push(event) };
  return lifetime().own(await opusDriver().connect(options, new AbortController().signal), (connection) => connection.close());
}

const roomMetadata = (metadata: string) => response({ case: "roomUpdate", value: new RoomUpdate({ room: new VendorRoom({ metadata }) }) });
const told = (metadata: string) => events.some((event) => event.type === "room-metadata" && event.room.metadata === metadata);

describe("a server that says what no server says", () => {
  it("in text, in half messages and in empty ones is not heard, and what follows is", async () => {
    const server = await serve();
    await join(server);
    const whole = roomMetadata("whole");
    server.client.send("text");
    server.client.send(Buffer.alloc(0));
    server.client.send(whole.subarray(0, whole.length - 3));
    server.client.send(whole);
    await until("the whole message is heard", () => told("whole"));
    expect(events.map(({ type }) => type)).toEqual(["room-metadata"]);
  });

  it("in a message of 17 MiB loses the connection, and no memory", async () => {
    const server = await serve();
    await join(server);
    server.client.send(Buffer.alloc(17 * MIB));
    await until("the connection is over", () => events.some(({ type }) => type === "disconnected"));
    expect(events.at(-1)).toEqual({ type: "disconnected", reason: "connection-lost" });
  });

  it.each([
    ["an empty address", ""],
    ["no scheme", "127.0.0.1"],
    ["half a scheme", "turn:"],
    ["another scheme", "http://127.0.0.1"],
    ["a port that is none", "turn:127.0.0.1:99999999?transport=udp"],
    ["a bracket that stays open", "stun:[::1"],
  ])("in an ICE server with %s lets us in, or we say why not and let go of it", async (_fault, address) => {
    const server = await serve({
      first: () => response(welcome({ iceServers: [new ICEServer({ urls: [address], username: "u", credential: "rtsecret_turn" })] })),
    });
    const outcome = await join(server).catch((error: unknown) => error);
    if (!isRoomtoneError(outcome)) {
      server.client.send(roomMetadata("still here"));
      await until("it is heard, or over", () => told("still here") || events.some(({ type }) => type === "disconnected"));
      await (outcome as RoomConnection).close();
    }
    await until("the connection is closed", () => server.client.readyState === server.client.CLOSED);
  });
});
