import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type DevServer, startDevServer } from "@roomtone/dev-server";
import { type LinkConditions, type RelayedServer, relayServer, withFolder } from "@roomtone/testing";
import { RawSubscriber } from "@roomtone/testing/raw-subscriber";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endAll, Roomtone } from "./roomtone.js";
import { withDevServer } from "./support/with-dev-server.js";

const keys = { apiKey: "rtkeymanyrooms", apiSecret: "rtsecret_many-rooms-0123456789abcdefghijklmnop" };
const lasting = withDevServer({ keys });
const failing = withDevServer({ keys });
const folder = withFolder();
afterEach(endAll);

const credentials = ["--api-key", keys.apiKey, "--api-secret", keys.apiSecret];
const publish = (...args: string[]) => new Roomtone(["publish", ...credentials, "--json", ...args], { stdin: "open", cwd: folder() });
const tone = ["--input", "tone:440", "--no-dtx", "--stats-interval", "200ms"];
const run = (...args: string[]) => publish(...tone, "--to", `${lasting().url},stage`, "--to", `${failing().url},stage`, ...args);

it("a server that is killed takes its own room away and no other's packet; the room comes back, and the recording has no hole", async () => {
  const receiver = await RawSubscriber.join(lasting().url, await lasting().createToken({ identity: "receiver", roomName: "stage" }));
  const publishing = run("--record", "outage.ogg");
  await publishing.event("published", 2);
  await publishing.until("packets arrive", () => receiver.packets.length > 25);
  const from = receiver.packets.length;
  await failing().kill("SIGKILL");
  expect(await publishing.event("reconnecting")).toMatchObject({ room: "stage", to: 2 });
  await publishing.event("stats", publishing.events.filter(({ event }) => event === "stats").length + 5);
  await failing().start();
  expect(await publishing.event("reconnected")).toMatchObject({ room: "stage", to: 2 });
  await publishing.event("published", 3);
  const packets = receiver.packets.slice(from);
  expect(packets.length).toBeGreaterThan(25);
  expect(packets.every((packet, index) => index === 0 || ((packet.sequence - (packets[index - 1]?.sequence ?? 0)) & 0xffff) === 1)).toBe(
    true,
  );
  expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
  const recorded = publishing.events.find(({ event }) => event === "recorded");
  expect(recorded).toMatchObject({ lostMs: 0 });
  expect(execFileSync("opusinfo", [join(folder(), "outage.ogg")], { encoding: "utf8" })).not.toMatch(/WARNING|ERROR/);
  await receiver.leave();
});

it("a server that is not there at first is told and tried again, while the others go on, and joined when it is", async () => {
  await failing().kill("SIGKILL");
  const publishing = run();
  expect(await publishing.event("published")).toMatchObject({ to: 1 });
  expect(await publishing.event("warning")).toMatchObject({ to: 2 });
  await publishing.until("the first round is over", () =>
    publishing.events.some(({ message }) => String(message).includes("tried again while")),
  );
  await failing().start();
  expect(await publishing.event("published", 2)).toMatchObject({ to: 2 });
  expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
});

it("ends, with why, where no server is there", async () => {
  await Promise.all([failing().kill("SIGKILL"), lasting().kill("SIGKILL")]);
  const publishing = run();
  expect(await publishing.exited).toMatchObject({ code: 69 });
  await Promise.all([failing().start(), lasting().start()]);
});

describe("one encoder for a room with a narrow path and one with a wide one", () => {
  let server: DevServer;
  let relay: RelayedServer;
  beforeEach(async () => {
    server = await startDevServer({ keys, iceLite: true });
    relay = await relayServer({ url: server.url, ports: server.ports, seed: 5 });
    for (const link of [relay.up, relay.down]) link.change({ delayMs: 40 });
  });
  afterEach(async () => {
    await relay?.close();
    await server?.close();
  });

  const decisions = ({ events }: Roomtone) => events.filter(({ event }) => event === "quality-changed");
  const constant = ["--bitrate", "64k", "--no-vbr", "--application", "audio", "--no-fec", "--expected-packet-loss", "0"];
  const to = (one: string, other: string) => ["--to", `${one},wide`, "--to", `${other},narrow`];

  const narrow = { rateBps: 60_000, queueBytes: 8000 };

  async function start(conditions: Partial<LinkConditions>, ...args: string[]) {
    const receiver = await RawSubscriber.join(server.url, await server.createToken({ identity: "receiver", roomName: "wide" }));
    const publishing = publish(...tone, ...args);
    await publishing.event("published", args.includes("--to") ? 2 : 1);
    // The idle path's round trip is known from the first reports on.
    await publishing.until("a round trip of every room", () => {
      const read = publishing.events.filter(({ event, roundTripMs }) => event === "stats" && Number(roundTripMs) > 0);
      return new Set(read.map(({ to: position }) => position)).size === (args.includes("--to") ? 2 : 1);
    });
    relay.up.change(conditions);
    return { publishing, receiver };
  }

  it("keeps the bitrate as it is: the wide one hears every packet in full while the narrow one's queue overflows", async () => {
    const { publishing, receiver } = await start(narrow, ...constant, ...to(server.url, relay.url));
    const from = receiver.packets.length;
    const { overflowed } = relay.up.counters;
    await publishing.until("the queue overflows", () => relay.up.counters.overflowed > overflowed + 100);
    const heard = receiver.packets.slice(from);
    expect(heard.length).toBeGreaterThan(100);
    expect(new Set(heard.map(({ payload }) => payload.length))).toEqual(new Set([160]));
    expect(heard.every((packet, index) => index === 0 || ((packet.sequence - (heard[index - 1]?.sequence ?? 0)) & 0xffff) === 1)).toBe(
      true,
    );
    expect(decisions(publishing).filter(({ bitrateBps }) => bitrateBps !== 64_000)).toEqual([]);
    expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
    await receiver.leave();
  });

  it("with follow-worst lowers it for both, says for which, and raises it again", async () => {
    const { publishing, receiver } = await start(narrow, ...constant, ...to(server.url, relay.url), "--quality", "follow-worst");
    await publishing.until("the bitrate is lowered", () => decisions(publishing).length > 0);
    expect(decisions(publishing)[0]).toMatchObject({ because: "congestion", rooms: [{ room: "narrow", to: 2 }], track: "tone" });
    const lowered = Number(decisions(publishing)[0]?.["bitrateBps"]);
    await publishing.until("the wide one hears it", () => receiver.packets.at(-1)?.payload.length === (lowered / 8) * 0.02);
    relay.up.change({ rateBps: Number.POSITIVE_INFINITY });
    await publishing.until("it is raised", () => decisions(publishing).some(({ because }) => because === "path-clear"), 120_000);
    expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
    await receiver.leave();
  });

  it("costs the wide one nothing where the other loses a tenth: what is lost is sent again, so that nobody needs copies", async () => {
    const { publishing, receiver } = await start({ lossShare: 0.1 }, ...to(server.url, relay.url));
    const { lost } = relay.up.counters;
    await publishing.until("half a minute of loss", () => relay.up.counters.lost > lost + 150, 120_000);
    expect(decisions(publishing)).toMatchObject([{ because: "loss-gone", forwardErrorCorrection: false, bitrateBps: 32_000 }]);
    expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
    await receiver.leave();
  });

  it("recorded, one room alone follows its network as it does without a recording", async () => {
    const { publishing, receiver } = await start(narrow, ...constant, "--url", relay.url, "--room", "wide", "--record", "one.ogg");
    await publishing.until("the bitrate is lowered", () => decisions(publishing).length > 0);
    expect(decisions(publishing)[0]).toMatchObject({ because: "congestion", bitrateBps: 48_000 });
    expect(decisions(publishing)[0]).not.toHaveProperty("rooms");
    expect(await publishing.end("SIGINT")).toMatchObject({ code: 0 });
    await receiver.leave();
  });
});
