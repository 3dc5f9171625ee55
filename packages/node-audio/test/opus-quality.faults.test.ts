import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Publication, PublishableCapture, PublishOptions, RoomEvent } from "@roomtone/core";
import { startDevServer } from "@roomtone/dev-server";
import { joinRoom, openFile, opusDriver } from "@roomtone/node-audio";
import { ExamPcmCapture, type RelayedServer, relayServer, speechLike, systemTime, until, wavBytes } from "@roomtone/testing";
import { RtcNodePeer } from "@roomtone/testing/rtc-node-peer";
import { describe, expect, it } from "vitest";
import { readReceiverStatistics } from "./support/receiver-statistics.js";
import { withDevServer } from "./support/with-dev-server.js";
import { withLifetime } from "./support/with-lifetime.js";

type QualityChanged = Extract<RoomEvent, { type: "quality-changed" }>;

const server = withDevServer(() => startDevServer({ iceLite: true }));
const lifetime = withLifetime();
let rooms = 0;

interface Stage {
  readonly relay: RelayedServer;
  readonly peer: RtcNodePeer;
  readonly publication: Publication;
  readonly decisions: QualityChanged[];
}

/** A voice through 80 ms of round trip, and somebody who hears it without any. */
async function stage(
  publish: PublishOptions = {},
  voice: PublishableCapture = lifetime().own(new ExamPcmCapture({ frequencyHz: 220 }), (opened) => opened.close()),
): Promise<Stage> {
  const relay = lifetime().own(await relayServer({ url: server().url, ports: server().ports, seed: 5 }), (opened) => opened.close());
  for (const link of [relay.up, relay.down]) link.change({ delayMs: 40 });
  const roomName = `quality-${process.pid}-${++rooms}`;
  const token = (identity: string) => server().createToken({ identity, roomName });
  const peer = lifetime().own(await RtcNodePeer.join(server().url, await token("peer")), (opened) => opened.leave());
  const decisions: QualityChanged[] = [];
  const on = { "quality-changed": (event: QualityChanged) => void decisions.push(event) };
  const credentials = { url: relay.url, token: await token("me") };
  const room = lifetime().own(await joinRoom(credentials, { driver: opusDriver(), on }), (joined) => joined.close());
  const publication = await room.publish(voice, { name: "voice", opus: { discontinuousTransmission: false }, ...publish });
  return { relay, peer, publication, decisions };
}

const soon = (what: string, condition: () => boolean | Promise<boolean>) => until(systemTime(), what, condition, 180_000);

describe("quality that follows the network, through a relay with 80 ms of round trip", () => {
  it("raises forward error correction when packets are lost, and takes it back after", async () => {
    const { relay, decisions } = await stage();
    const settings = () => decisions.at(-1)?.settings;
    await soon("the profile's protection is taken back on the clear path", () => settings()?.forwardErrorCorrection === false);
    relay.up.change({ lossShare: 0.6 });
    await soon("protection is raised", () => settings()?.forwardErrorCorrection === true);
    const raised = decisions.find(({ settings }) => settings.forwardErrorCorrection);
    expect(raised).toMatchObject({ because: "random-loss", explanation: expect.stringContaining("of the packets were lost") });
    relay.up.change({ lossShare: 0 });
    await soon("protection is taken back", () => settings()?.forwardErrorCorrection === false);
    expect(settings()).toMatchObject({ expectedPacketLossPercent: 0, frameDurationMs: 20 });
    // A busy machine holds packets up as a full link does, and may have cost bitrate on the way.
    await soon("the bitrate is as it was", () => settings()?.bitrateBps === 32_000);
  });

  it("sends copies of speech that libwebrtc's receiver makes packets from which were lost", async () => {
    const opus = { discontinuousTransmission: false, forwardErrorCorrection: true, expectedPacketLossPercent: 20 };
    const folder = await mkdtemp(join(tmpdir(), "roomtone-quality-"));
    lifetime().own(folder, () => rm(folder, { recursive: true }));
    // A steady tone is no speech to the encoder, and gets no copies.
    await writeFile(join(folder, "speech.wav"), wavBytes(speechLike(20_000)));
    const speech = lifetime().own(await openFile(join(folder, "speech.wav"), { loop: true }), (opened) => opened.close());
    const { relay, peer } = await stage({ opus, quality: "fixed" }, speech);
    const made = async () => (await readReceiverStatistics(peer.room))?.madeFromCopies ?? 0;
    await soon("it is heard", async () => ((await readReceiverStatistics(peer.room))?.packetsReceived ?? 0) > 50);
    const before = await made();
    relay.up.change({ lossShare: 0.6 });
    await soon("lost packets are made from their copies", async () => (await made()) > before + 10);
  });

  it("lowers the bitrate where the link becomes narrow until the queue is gone, and raises it again when it widens", async () => {
    const { relay, decisions, publication } = await stage();
    const bitrateBps = () => decisions.at(-1)?.settings.bitrateBps ?? 32_000;
    await soon("the idle round trip is known", async () => ((await publication.networkSample())?.roundTripMs ?? 0) > 0);
    relay.up.change({ rateBps: 30_000, queueBytes: 8000 });
    await soon("the queue fills", () => relay.up.queueMs > 300);
    await soon("the bitrate is lowered", () => bitrateBps() < 20_000);
    expect(decisions.some(({ because }) => because === "congestion")).toBe(true);
    await soon("the queue is gone", () => relay.up.queueMs < 50);
    relay.up.change({ rateBps: Number.POSITIVE_INFINITY });
    await soon("the bitrate is back", () => bitrateBps() === 32_000);
  });

  it("reads the relay's round trip, and as lost what a listener never got: a tenth of what the relay lost, at the most, for the rest is sent again", async () => {
    const { relay, peer, publication } = await stage();
    relay.up.change({ lossShare: 0.4 });
    const { lost } = relay.up.counters;
    await soon("the relay lost 600 packets", () => relay.up.counters.lost > lost + 600);
    relay.up.change({ lossShare: 0 });
    const counts = async () => ({
      reported: (await publication.networkSample())?.packetsLost,
      heard: (await readReceiverStatistics(peer.room))?.packetsLost,
    });
    // What was lost last is sent again, and reported, within a second or two.
    await soon("the server's report and the listener agree", async () => {
      const { reported, heard } = await counts();
      return reported !== undefined && heard !== undefined && Math.abs(reported - heard) <= 2;
    });
    const sample = await publication.networkSample();
    expect(sample?.packetsLost).toBeLessThan(relay.up.counters.lost / 10);
    expect(sample?.roundTripMs).toBeGreaterThan(79);
    expect(sample?.roundTripMs).toBeLessThan(160);
  });
});
