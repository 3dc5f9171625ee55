import { type NetworkSample, opusProfiles, type PublishOptions } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

const LOSSY: Partial<NetworkSample> = { fractionLost: 0.1, roundTripMs: 80 };
const CLEAR: Partial<NetworkSample> = { fractionLost: 0, roundTripMs: 80 };
const FULL: Partial<NetworkSample> = { fractionLost: 0.1, roundTripMs: 400 };

async function publish(options: PublishOptions = {}, test = new RoomUnderTest()) {
  const room = await test.join();
  test.driver.network = CLEAR;
  const publication = await test.clock.run(room.publish(test.capture(), options));
  await test.clock.advance(3000); // What the idle path is like has to be seen first.
  return { test, room, publication, settings: () => test.connection.track(publication.id)?.settings ?? {} };
}

describe("quality that follows the network", () => {
  it("raises protection while packets are lost and takes it back when they are not, with an event for each decision", async () => {
    const { test, settings, publication } = await publish({ opus: { forwardErrorCorrection: false, expectedPacketLossPercent: 0 } });
    test.driver.network = LOSSY;
    await test.clock.advance(20_000);
    expect(settings()).toMatchObject({ forwardErrorCorrection: true, expectedPacketLossPercent: 10 });
    expect(publication.state.status).toBe("live");
    test.driver.network = CLEAR;
    await test.clock.advance(60_000);
    expect(settings()).toMatchObject({ forwardErrorCorrection: false, expectedPacketLossPercent: 0, bitrateBps: 32_000 });
    const told = test.all("quality-changed");
    expect(told.map(({ because }) => because)).toEqual(["random-loss", "random-loss", "loss-gone"]);
    expect(told[0]).toMatchObject({
      publication: { id: publication.id },
      settings: { forwardErrorCorrection: true, expectedPacketLossPercent: 5 },
      explanation: expect.stringMatching(/^expectedPacketLossPercent from 0 to 5, .*% of the packets were lost\.$/),
    });
    await test.leave();
  });

  it("takes a profile's protection back where nothing is lost, and keeps what was asked for by name", async () => {
    const guessed = await publish();
    await guessed.test.clock.advance(30_000);
    expect(guessed.settings()).toMatchObject({ forwardErrorCorrection: false, expectedPacketLossPercent: 0 });
    await guessed.test.leave();
    const named = await publish({ opus: { forwardErrorCorrection: true } });
    await named.test.clock.advance(30_000);
    expect(named.settings()).toEqual({ forwardErrorCorrection: true });
    expect(named.test.all("quality-changed")).toEqual([]);
    await named.test.leave();
  });

  it("leaves fixed settings alone, whatever the network does", async () => {
    const { test, settings } = await publish({ quality: "fixed" });
    for (const network of [LOSSY, FULL, CLEAR]) {
      test.driver.network = network;
      await test.clock.advance(30_000);
    }
    expect(settings()).toEqual({});
    expect(test.all("quality-changed")).toEqual([]);
    await test.leave();
  });

  it("changes only what the driver adapts, and does nothing where that is nothing", async () => {
    const bitrateOnly = await publish({}, new RoomUnderTest({ adapts: ["bitrateBps"] }));
    bitrateOnly.test.driver.network = LOSSY;
    await bitrateOnly.test.clock.advance(30_000);
    expect(bitrateOnly.settings()).toEqual({});
    bitrateOnly.test.driver.network = FULL;
    await bitrateOnly.test.clock.advance(10_000);
    expect(Object.keys(bitrateOnly.settings())).toEqual(["bitrateBps"]);
    expect(bitrateOnly.test.all("quality-changed").every(({ explanation }) => explanation.startsWith("bitrateBps from "))).toBe(true);
    await bitrateOnly.test.leave();
    const nothing = await publish({}, new RoomUnderTest({ adapts: [] }));
    nothing.test.driver.network = FULL;
    await nothing.test.clock.advance(60_000);
    expect(nothing.settings()).toEqual({});
    expect(nothing.test.all("quality-changed")).toEqual([]);
    await nothing.test.leave();
  });

  it("takes the user's new settings as its new bounds", async () => {
    const { test, settings, publication } = await publish();
    test.driver.network = FULL;
    await test.clock.advance(10_000);
    const lowered = settings().bitrateBps ?? 0;
    expect(lowered).toBeLessThan(opusProfiles.voice.bitrateBps);
    await test.clock.run(publication.reconfigure({ bitrateBps: 48_000 }));
    expect(settings().bitrateBps).toBe(lowered);
    await test.clock.run(publication.reconfigure({ bitrateBps: 8000 }));
    expect(settings().bitrateBps).toBe(8000);
    test.driver.network = CLEAR;
    await test.clock.advance(300_000);
    expect(settings().bitrateBps).toBe(8000);
    await test.clock.run(publication.reconfigure({ bitrateBps: 48_000 }));
    expect(settings().bitrateBps).toBe(48_000);
    await test.leave();
  });

  it("is published again with what the network called for, after a rejoin and after a lost track", async () => {
    const { test, settings, publication } = await publish();
    test.driver.network = FULL;
    await test.clock.advance(10_000);
    const before = settings();
    expect(before.bitrateBps).toBeLessThan(opusProfiles.voice.bitrateBps);
    test.driver.network = { roundTripMs: 80 };
    test.connection.loseTrack(publication.id);
    await test.clock.advance(1500);
    expect(settings()).toEqual(before);
    test.server.stop();
    await test.clock.advance(2000);
    test.server.start();
    await test.clock.advance(3000);
    expect(publication.state.status).toBe("live");
    expect(settings()).toEqual(before);
    await test.leave();
  });

  it("decides nothing while muted", async () => {
    const { test, settings, publication } = await publish();
    await test.clock.run(publication.setMuted(true));
    test.driver.network = FULL;
    await test.clock.advance(60_000);
    expect(settings()).toEqual({});
    test.driver.network = LOSSY;
    await test.clock.run(publication.setMuted(false));
    await test.clock.advance(20_000);
    expect(test.all("quality-changed").map(({ because }) => because)).not.toContain("congestion");
    await test.leave();
  });

  it("lets the user's settings hold where the driver refuses to adapt, and goes on live", async () => {
    const { test, settings, publication } = await publish();
    test.driver.faults = ({ kind }) => (kind === "reconfigure" ? { fail: "unsupported" } : undefined);
    test.driver.network = FULL;
    await test.clock.advance(60_000);
    expect(test.all("quality-changed")).toHaveLength(1);
    expect(test.all("warning")).toHaveLength(1);
    expect(settings()).toEqual({});
    expect(publication.state.status).toBe("live");
    await test.leave();
  });
});
