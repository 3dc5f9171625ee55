import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { type LinkConditions, NetworkLink } from "./network-link.js";
import { openUdpRelay } from "./udp-relay.js";
import { VirtualClock } from "./virtual-clock.js";

/** Sends packets of 100 bytes at an even pace and gives which arrived when, with how long each took. */
async function carry(link: NetworkLink, clock: VirtualClock, count: number, everyMs: number) {
  const arrived: { index: number; tookMs: number }[] = [];
  for (let index = 0; index < count; index += 1) {
    const sentMs = clock.nowMs();
    link.carry(100, () => arrived.push({ index, tookMs: clock.nowMs() - sentMs }));
    await clock.advance(everyMs);
  }
  await clock.advance(60_000);
  return arrived;
}

async function through(conditions: Partial<LinkConditions>, count = 1000, everyMs = 20) {
  const clock = new VirtualClock();
  const link = new NetworkLink(clock, 7);
  link.change(conditions);
  return { link, clock, arrived: await carry(link, clock, count, everyMs) };
}

describe("a network link", () => {
  it("loses the share that it is told to, the same packets at the same seed", async () => {
    const [first, second] = [await through({ lossShare: 0.1 }), await through({ lossShare: 0.1, delayMs: 40 })];
    expect(first.link.counters.lost / 1000).toBeCloseTo(0.1, 1);
    expect(first.arrived.length + first.link.counters.lost).toBe(1000);
    expect(second.arrived.map(({ index }) => index)).toEqual(first.arrived.map(({ index }) => index));
  });

  it("delays each packet within the jitter and keeps their order", async () => {
    const { arrived } = await through({ delayMs: 40, jitterMs: 60 });
    const took = arrived.map(({ tookMs }) => tookMs);
    expect(Math.min(...took)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...took)).toBeLessThanOrEqual(100);
    expect(arrived.map(({ index }) => index)).toEqual([...arrived.keys()]);
  });

  it("carries no more than its rate: the queue grows to its bound, then packets are dropped, and it drains when less comes", async () => {
    const { link, clock, arrived } = await through({ rateBps: 20_000, queueBytes: 2500 }, 500);
    const { overflowed, delivered } = link.counters;
    expect(delivered + overflowed).toBe(500);
    expect(overflowed / 500).toBeCloseTo(0.45, 1);
    expect(Math.max(...arrived.map(({ tookMs }) => tookMs))).toBeGreaterThan(900);
    expect(Math.max(...arrived.map(({ tookMs }) => tookMs))).toBeLessThanOrEqual(1000);
    expect(link.queueMs).toBe(0);
    const later = await carry(link, clock, 10, 50);
    expect(later.map(({ tookMs }) => tookMs)).toEqual(Array(10).fill(40));
  });

  it("lets nothing arrive while it is cut, what was on its way included", async () => {
    const clock = new VirtualClock();
    const link = new NetworkLink(clock, 7);
    link.change({ delayMs: 100 });
    let arrived = 0;
    link.carry(100, () => arrived++);
    link.change({ cut: true });
    await clock.advance(200);
    link.carry(100, () => arrived++);
    link.change({ cut: false });
    link.carry(100, () => arrived++);
    await clock.advance(200);
    expect(arrived).toBe(1);
    expect(link.counters).toMatchObject({ packets: 3, cut: 2, delivered: 1 });
  });
});

describe("the UDP relay", () => {
  const sockets: Socket[] = [];
  const socket = async () => {
    const opened = createSocket("udp4").bind(0, "127.0.0.1");
    await once(opened, "listening");
    sockets.push(opened);
    return opened;
  };
  afterEach(() => {
    for (const opened of sockets.splice(0)) opened.close();
  });

  it("forwards both ways, keeps two clients apart, and answers only to whom it was asked by", async () => {
    const server = await socket();
    server.on("message", (packet, { port }) => server.send(`${packet}@${port}`, port));
    const relay = await openUdpRelay({ serverPort: server.address().port });
    const [first, second] = [await socket(), await socket()];
    const ask = async (from: Socket, text: string) => {
      const answer = once(from, "message");
      from.send(text, relay.port);
      return String((await answer)[0]);
    };
    const answers = [await ask(first, "one"), await ask(second, "two"), await ask(first, "three")];
    const ports = answers.map((answer) => answer.split("@")[1]);
    expect(answers.map((answer) => answer.split("@")[0])).toEqual(["one", "two", "three"]);
    expect(ports[0]).toBe(ports[2]);
    expect(ports[0]).not.toBe(ports[1]);
    expect(relay.clients).toBe(2);
    expect(relay.up.counters).toMatchObject({ packets: 3, delivered: 3 });
    expect(relay.down.counters).toMatchObject({ packets: 3, delivered: 3 });
    await relay.close();
    await relay.close();
  });

  it("loses the packets that are chosen, each way, and no other", async () => {
    const server = await socket();
    server.on("message", (packet, { port }) => server.send(packet, port));
    const relay = await openUdpRelay({ serverPort: server.address().port });
    const client = await socket();
    const seen: string[] = [];
    relay.lose(({ direction, bytes, clientPort }) => {
      seen.push(`${direction} ${Buffer.from(bytes)} ${clientPort === client.address().port}`);
      return seen.length === 1 || seen.length === 3;
    });
    const answered = once(client, "message");
    for (const text of ["lost", "lost on its way back", "told"]) {
      const count = seen.length;
      client.send(text, relay.port);
      await expect.poll(() => seen.length).toBeGreaterThan(count + (text === "lost" ? 0 : 1));
    }
    expect(String((await answered)[0])).toBe("told");
    const both = ["lost on its way back", "told"].flatMap((text) => [`up ${text} true`, `down ${text} true`]);
    expect(seen).toEqual(["up lost true", ...both]);
    expect([relay.up.counters.packets, relay.down.counters.packets]).toEqual([2, 1]);
    await relay.close();
  });
});
