import { isNetworkObservable, type RoomConnection } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { opusDriver } from "@roomtone/node-audio";
import { ExamPcmCapture, openUdpRelay, type RelayedPacket, relayServer, reportFault } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { publishTrack } from "./support/driver-publisher.js";
import { until } from "./support/hall.js";
import { type LateStunServer, openLateStunServer } from "./support/late-stun-server.js";
import { startConfiguredServer } from "./support/server-with-config.js";
import { openSignalRelay } from "./support/signal-relay.js";
import { withLifetime } from "./support/with-lifetime.js";

const lifetime = withLifetime();

const KINDS = {
  "connectivity check": (first: number) => first < 4,
  // The data channels' set-up is in it, which comes encrypted.
  DTLS: (first: number) => first >= 20 && first <= 63,
  RTP: (first: number) => first >= 128 && first <= 191,
};
type Kind = keyof typeof KINDS;

const isOf = (kind: Kind, { bytes }: RelayedPacket) => KINDS[kind](bytes[0] ?? 0);
const isRtcp = ({ bytes }: RelayedPacket) => (bytes[1] ?? 0) >= 192 && (bytes[1] ?? 0) <= 223;

/** How many packets each way a start has. */
const STARTS_PACKETS = { up: { "connectivity check": 2, DTLS: 10 }, down: { "connectivity check": 2, DTLS: 6 } } as const;
/** Some 50 ms where nothing is lost and nothing else runs, 210 at most where one is; werift alone takes 3 s for five of them. */
const LATE_MS = 2000;
/** A STUN server that says nothing takes werift alone a second. */
const SECOND_MS = 1000;

async function join(url: string, token: string): Promise<RoomConnection> {
  const options = { url, token, subscribe: false, on: () => {} };
  return lifetime().own(await opusDriver().connect(options, new AbortController().signal), (opened) => opened.close());
}

const tone = () => lifetime().own(new ExamPcmCapture(), (opened) => opened.close());

/** How long a track takes from the join until others can see it. */
async function publishedAfterMs(url: string, token: string): Promise<number> {
  const connection = await join(url, token);
  const fromMs = performance.now();
  await publishTrack(connection, tone());
  const tookMs = performance.now() - fromMs;
  await connection.close();
  return tookMs;
}

describe("a first track", () => {
  it.for(["up", "down"] as const)("is published soon, whichever single packet of its start is lost on its way %s", async (way, context) => {
    const server = lifetime().own(await startDevServer({ iceLite: true }), (opened) => opened.close());
    const relay = lifetime().own(await relayServer({ url: server.url, ports: server.ports }), (opened) => opened.close());
    const tookMs: number[] = [];
    for (const kind of ["connectivity check", "DTLS"] as const) {
      for (let lostIndex = 1; lostIndex <= STARTS_PACKETS[way][kind]; lostIndex += 1) {
        const what = `${kind} packet ${lostIndex}`;
        let seen = 0;
        relay.lose((packet) => packet.direction === way && isOf(kind, packet) && ++seen === lostIndex);
        const token = await server.createToken({ identity: "me", roomName: `${way} ${what}` });
        const took = await publishedAfterMs(relay.url, token);
        expect(seen, what).toBeGreaterThanOrEqual(lostIndex);
        expect(took, what).toBeLessThan(LATE_MS);
        tookMs.push(took);
      }
    }
    await reportFault(context, {
      part: "network",
      fault: `one packet lost on its way ${way} while ICE, DTLS and SCTP are set up, each in turn`,
      driver: "opus",
      seen: "nothing: the time is from the join until the track is published",
      lost: "nothing",
      backMs: tookMs,
      guard: "`opus-driver/quick-association.ts` (*tried*)",
    });
  });

  it.for(["STUN", "TURN"] as const)("does not wait for a %s server that the server names and that says nothing", async (kind, context) => {
    const silent = lifetime().own(await openLateStunServer(), (opened) => opened.close());
    const turn = { host: "127.0.0.1", port: silent.port, protocol: "udp", username: "user", credential: `rtsecret_${"d".repeat(20)}` };
    const rtc = kind === "STUN" ? { stun_servers: [`127.0.0.1:${silent.port}`] } : { turn_servers: [turn] };
    const server = lifetime().own(await startConfiguredServer(() => ({ rtc })), (opened) => opened.close());
    const tookMs: number[] = [];
    for (let index = 0; index < 3; index += 1) tookMs.push(await publishedAfterMs(server.url, await server.createToken("me", `${index}`)));
    expect(silent.asked).toBeGreaterThanOrEqual(3);
    expect(Math.min(...tookMs)).toBeLessThan(SECOND_MS);
    await reportFault(context, {
      part: "network",
      fault: `the ${kind} server that the server names says nothing`,
      driver: "opus",
      seen: "nothing: the time is from the join until the track is published",
      lost: "nothing",
      backMs: tookMs,
      guard: "`opus-driver/late-candidates.ts` (*tried*)",
    });
  });
});

describe("what is found after the way was looked for", () => {
  it("by a STUN server is told to the server", async () => {
    const stun = lifetime().own(await openLateStunServer(), (opened) => opened.close());
    const server = await configured(stun);
    const signal = lifetime().own(await openSignalRelay(server.url), (opened) => opened.close());
    const connection = await join(signal.url, await server.createToken("me"));
    await publishTrack(connection, tone());
    const told = () =>
      signal.requests.filter((request) => request.case === "trickle" && request.value.candidateInit.includes("typ srflx")).length;
    expect(told()).toBe(0);
    stun.answer();
    await until("the server is told", () => told() > 0);
  });

  it("by a TURN server is tried where no other way is open", async () => {
    const [firstRelayPort, lastRelayPort] = [31_100, 31_199];
    const ports = { udp: 0, iceTcp: 0, turn: 0 };
    const server = lifetime().own(
      await startConfiguredServer(({ turn, udp, tcp }) => {
        Object.assign(ports, { udp, iceTcp: tcp, turn });
        const range = { relay_range_start: firstRelayPort, relay_range_end: lastRelayPort, allow_restricted_peer_cidrs: ["127.0.0.0/8"] };
        return { rtc: { use_ice_lite: true }, turn: { enabled: true, domain: "127.0.0.1", udp_port: turn, ...range } };
      }),
      (opened) => opened.close(),
    );
    const relay = lifetime().own(await relayServer({ url: server.url, ports }), (opened) => opened.close());
    relay.lose(({ clientPort }) => clientPort < firstRelayPort || clientPort > lastRelayPort);
    const slowTurn = lifetime().own(await openUdpRelay({ serverPort: ports.turn }), (opened) => opened.close());
    slowTurn.up.change({ delayMs: 300 });
    const signal = lifetime().own(await openSignalRelay(relay.url), (opened) => opened.close());
    signal.filter((message) => {
      if (message.case !== "join") return true;
      for (const { urls } of message.value.iceServers) urls.splice(0, urls.length, `turn:127.0.0.1:${slowTurn.port}?transport=udp`);
      signal.say(message);
      return false;
    });
    const connection = await join(signal.url, await server.createToken("me"));
    const track = await publishTrack(connection, tone());
    await until("media arrives", async () => isNetworkObservable(track) && ((await track.networkSample()).arrivedMark ?? 0) > 0);
  });
});

describe("an answer that comes between ICE and DTLS", () => {
  it("does not begin the sending before it can be sent", async () => {
    const server = lifetime().own(await startDevServer({ iceLite: true }), (opened) => opened.close());
    const relay = lifetime().own(await relayServer({ url: server.url, ports: server.ports }), (opened) => opened.close());
    const signal = lifetime().own(await openSignalRelay(relay.url), (opened) => opened.close());
    // The second answer waits for the server's first word of DTLS, which comes when ICE has found the way; DTLS waits for the answer.
    let answers = 0;
    let held: Parameters<typeof signal.say>[0] | undefined;
    let hellos = 0;
    let hellosWhenSaid = Number.POSITIVE_INFINITY;
    const sayInBetween = () => {
      if (!held || hellos === 0 || Number.isFinite(hellosWhenSaid)) return;
      hellosWhenSaid = hellos;
      signal.say(held);
    };
    signal.filter((message) => {
      if (message.case !== "answer" || ++answers !== 2) return true;
      held = message;
      sayInBetween();
      return false;
    });
    let sent = 0;
    relay.lose((packet) => {
      if (packet.direction === "up" && isOf("RTP", packet) && !isRtcp(packet)) sent += 1;
      if (packet.direction === "up" || !isOf("DTLS", packet)) return false;
      hellos += 1;
      sayInBetween();
      return hellos <= hellosWhenSaid + 2; // it is repeated after 100 ms, 200, 400 and so on
    });
    const connection = await join(signal.url, await server.createToken({ identity: "me", roomName: "room" }));
    const track = await publishTrack(connection, tone());
    expect(hellos).toBeGreaterThan(hellosWhenSaid);
    await until("media is sent", () => sent > 10);
    const sample = isNetworkObservable(track) ? await track.networkSample() : undefined;
    expect((sample?.packetsSent ?? Number.NaN) - sent).toBeLessThanOrEqual(3); // on their way
  });
});

async function configured({ port }: LateStunServer) {
  return lifetime().own(await startConfiguredServer(() => ({ rtc: { stun_servers: [`127.0.0.1:${port}`] } })), (opened) => opened.close());
}
