import { setTimeout as sleep } from "node:timers/promises";
import { startDevServer } from "@roomtone/dev-server";
import { type FaultReport, openSignalProxy, type RelayedServer, relayServer, reportFault, systemTime, until } from "@roomtone/testing";
import { describe, expect, it, type TestContext } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { freePort } from "./support/server-with-config.js";
import { withDevServer } from "./support/with-dev-server.js";
import { withLifetime } from "./support/with-lifetime.js";

const server = withDevServer(async () => startDevServer({ iceLite: true, serverPorts: { iceTcp: await freePort() } }));
const lifetime = withLifetime();

async function relayed({ withTcp = false } = {}): Promise<RelayedServer> {
  const { udp, iceTcp } = server().ports;
  const relay = await relayServer({ url: server().url, ports: withTcp ? { udp } : { udp, iceTcp } });
  return lifetime().own(relay, (opened) => opened.close());
}

async function open(driver: string, url: string): Promise<FaultRoom> {
  return lifetime().own(await FaultRoom.open({ server: server(), driver, url }), (opened) => opened.close());
}

describe.each(["opus", "rtc"])("a room on %s", (driver) => {
  const tell = (context: TestContext, facts: Omit<FaultReport, "part" | "driver">) =>
    reportFault(context, { part: "network", driver, ...facts });

  it.for([1, 5, 20])("is heard through %i % loss each way, at 60 ms round trip, and is not rebuilt", async (lossPercent, context) => {
    const network = await relayed();
    const room = await open(driver, network.url);
    const listener = await room.listener();
    await listener.hearsMs(440);
    network.up.change({ lossShare: lossPercent / 100, delayMs: 30 });
    network.down.change({ lossShare: lossPercent / 100, delayMs: 30 });
    const fromMs = performance.now();
    await sleep(8000); // the time over which it is measured
    const missing = listener.missingShare(fromMs);
    await listener.hearsMs(440, 10_000, fromMs);
    expect([room.count("reconnecting"), room.count("closed")]).toEqual([0, 0]);
    expect(network.up.counters.lost).toBeGreaterThan(0);
    // libwebrtc does not send lost audio again.
    if (driver === "opus") expect(missing).toBeLessThan(lossPercent / 200);
    await tell(context, {
      fault: `${lossPercent} % loss, 60 ms round trip`,
      seen: "nothing",
      lost: `${(missing * 100).toFixed(1)} % of the packets${driver === "opus" ? ", after retransmission" : ""}`,
      backMs: [],
      guard:
        driver === "opus"
          ? "`opus-driver/rtp-writer.ts`: keeps what is asked for again (*tried*)"
          : "nothing has to: what is lost stays lost, and libwebrtc goes on",
    });
  });

  it("joins and is heard through 300 ms of delay each way", async (context) => {
    const network = await relayed();
    network.up.change({ delayMs: 300 });
    network.down.change({ delayMs: 300 });
    const fromMs = performance.now();
    const room = await open(driver, network.url);
    const heardMs = await room.freshlyHeardMs();
    await sleep(4000); // longer than liveness needs to doubt a connection
    expect(room.count("reconnecting")).toBe(0);
    await tell(context, {
      fault: "300 ms of delay each way, from the join to the listener",
      seen: "nothing",
      lost: "nothing",
      backMs: [heardMs - fromMs],
      guard: `core \`${driver === "opus" ? "track-operation.ts" : "connector.ts"}\`: its patience (*tried*)`,
    });
  });

  it("is heard again after 2 s in which media did not pass, without a rebuild", async (context) => {
    const network = await relayed();
    const room = await open(driver, network.url);
    const listener = await room.listener();
    await listener.hearsMs(440);
    const isReported = async () => (await room.publication.networkSample())?.arrivedMark !== undefined;
    await until(systemTime(), "the server reports what arrives", isReported); // before, nobody could doubt it
    for (const way of [network.up, network.down]) way.change({ cut: true });
    await sleep(2000); // the outage itself
    for (const way of [network.up, network.down]) way.change({ cut: false });
    const fromMs = performance.now();
    const heardMs = await listener.hearsMs(440, 40_000, fromMs);
    expect([room.count("reconnecting"), room.count("closed")]).toEqual([0, 0]);
    await tell(context, {
      fault: "media cut for 2 s, signalling alive",
      seen: "nothing",
      lost: "the outage and the time back",
      backMs: [heardMs - fromMs],
      guard: "core `liveness.ts`: its patience (*tried*)",
    });
  });

  it("goes over TCP where UDP is offered and does not pass", async (context) => {
    const network = await relayed({ withTcp: true });
    for (const way of [network.up, network.down]) way.change({ cut: true });
    const fromMs = performance.now();
    const room = await open(driver, network.url);
    const heardMs = await room.freshlyHeardMs();
    await tell(context, {
      fault: "UDP blocked, from the join to the listener",
      seen: "nothing",
      lost: "nothing",
      backMs: [heardMs - fromMs],
      guard: driver === "opus" ? "`opus-driver/media-link.ts`: ICE over TCP (*tried*)" : "libwebrtc's ICE",
    });
  });

  it("is heard without a gap while its WebSocket is cut and media flows", async (context) => {
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    const room = await open(driver, proxy.url);
    const { sid } = room.publication.state;
    const listener = await room.listener();
    await listener.hearsMs(440);
    const cutMs = performance.now();
    proxy.cut();
    await room.told("reconnected");
    const backMs = (room.events.find(({ type }) => type === "reconnected")?.atMs ?? 0) - cutMs;
    await sleep(1000); // what follows a resume
    const quietMs = listener.longestQuietMs(cutMs);
    expect(room.publication.state.sid).toBe(sid);
    expect(quietMs).toBeLessThan(1000);
    await tell(context, {
      fault: "WebSocket cut, media alive",
      seen: "`reconnecting`, then `reconnected` (resumed)",
      lost: `nothing: longest quiet ${Math.round(quietMs)} ms`,
      backMs: [backMs],
      guard:
        driver === "opus" ? "`opus-driver/connection.ts`: the resume (*tried*)" : "core `recovery.ts`: the grace for a resume (*tried*)",
    });
  });

  it("tells when its WebSocket stands still for 30 s and is never closed, and is heard again", async (context) => {
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    const room = await open(driver, proxy.url);
    const listener = await room.listener();
    await listener.hearsMs(440);
    const frozenMs = performance.now();
    proxy.freeze(true);
    await sleep(30_000); // the outage itself
    expect(room.count("reconnecting")).toBeGreaterThan(0);
    proxy.freeze(false);
    const thawedMs = performance.now();
    const heardMs = await room.heardWhenBackMs();
    await sleep(3000); // what would end the room has come by then
    expect([room.count("closed"), room.session.state.connection]).toEqual([0, "connected"]);
    const quietMs = listener.longestQuietMs(frozenMs);
    await tell(context, {
      fault: "WebSocket half open for 30 s, media alive",
      seen: room.count("reconnecting") > 0 ? "`reconnecting`, then `reconnected`" : "nothing",
      lost: `longest quiet ${Math.round(quietMs)} ms`,
      backMs: [heardMs - thawedMs],
      guard:
        driver === "opus"
          ? "`opus-driver/signal-client.ts`: its pings (*tried*)"
          : "core `live-connection.ts`: it hears the driver (*tried*)",
    });
  });

  it("is kept through a proxy that cuts every 3 s for 30 s", async (context) => {
    const proxy = lifetime().own(await openSignalProxy(server().url), (opened) => opened.close());
    const room = await open(driver, proxy.url);
    const listener = await room.listener();
    await listener.hearsMs(440);
    const fromMs = performance.now();
    for (let cuts = 0; cuts < 10; cuts += 1) {
      await sleep(3000); // how often it cuts
      proxy.cut();
    }
    const lastMs = performance.now();
    const heardMs = await room.freshlyHeardMs();
    expect(room.count("closed")).toBe(0);
    expect(proxy.attempts.length).toBeLessThan(60);
    await tell(context, {
      fault: "a proxy that cuts the WebSocket every 3 s, ten times",
      seen: `\`reconnecting\` and \`reconnected\`, ${room.count("reconnecting")} times`,
      lost: `longest quiet ${Math.round(listener.longestQuietMs(fromMs))} ms`,
      backMs: [heardMs - lastMs],
      guard: "the resume, or core `recovery.ts` (*tried*; without either alone it holds)",
    });
  });
});
