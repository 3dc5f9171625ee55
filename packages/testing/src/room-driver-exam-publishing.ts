import { isNetworkObservable, isReconfigurable, isReplaceable, type QualitySettings, RoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import type { CurrentSitting } from "./room-driver-exam.js";
import { until } from "./virtual-clock.js";

/** Level below which nobody hears anything: the encoder's own noise floor is far under it. */
const SILENCE_LEVEL = 0.002;
/** "Sends nothing" counts from 500 ms after the mute; the rest is the receiver's buffer. */
const MUTE_SETTLES_MS = 1000;

/** None of them is a profile's. */
const OTHER_SETTINGS: QualitySettings = {
  bitrateBps: 24_000,
  forwardErrorCorrection: false,
  expectedPacketLossPercent: 20,
  frameDurationMs: 40,
};

export function describePublishing(current: CurrentSitting): void {
  describe("publishing", () => {
    it("makes a track heard under its name and source", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const track = await me.publish(sitting.capture(440), "voice", { source: "screen-share-audio" });
      const seen = await sitting.seen(peer, "me", "voice");
      expect(seen).toMatchObject({ sid: track.sid, source: "screen-share-audio", muted: false });
      expect(track.id).toBe("voice");
      await sitting.heard(peer, "me", "voice", 440);
    });

    it("keeps the sounds of two tracks apart", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      await Promise.all([me.publish(sitting.capture(440), "low"), me.publish(sitting.capture(1000), "high")]);
      await sitting.heard(peer, "me", "low", 440);
      await sitting.heard(peer, "me", "high", 1000);
      expect(await sitting.tracks(peer, "me")).toHaveLength(2);
    });

    it("publishes muted: visible as muted, and silent", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      await me.publish(sitting.capture(440), "voice", { muted: true });
      await sitting.seen(peer, "me", "voice", (track) => track.muted);
      await sitting.sleep(MUTE_SETTLES_MS);
      expect((await peer.hear("me", "voice", 500)).level).toBeLessThan(SILENCE_LEVEL);
    });

    it("unmutes what was published muted", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const track = await me.publish(sitting.capture(440), "voice", { muted: true });
      await track.setMuted(false);
      await sitting.seen(peer, "me", "voice", (seen) => !seen.muted && seen.sid === track.sid);
      await sitting.heard(peer, "me", "voice", 440);
    });

    it("mutes: others see it, nobody hears it, and unmuting brings it back on the same track", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const track = await me.publish(sitting.capture(440), "voice");
      await sitting.heard(peer, "me", "voice", 440);
      await track.setMuted(true);
      await track.setMuted(true);
      await sitting.seen(peer, "me", "voice", (seen) => seen.muted);
      await sitting.sleep(MUTE_SETTLES_MS);
      expect((await peer.hear("me", "voice", 500)).level).toBeLessThan(SILENCE_LEVEL);
      await track.setMuted(false);
      await sitting.seen(peer, "me", "voice", (seen) => !seen.muted && seen.sid === track.sid);
      await sitting.heard(peer, "me", "voice", 440);
      expect(me.log.all("muted-by-server")).toEqual([]);
    });

    it("mutes one publication of a capture and leaves the other alone", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const capture = sitting.capture(440);
      const first = await me.publish(capture, "first");
      await me.publish(capture, "second");
      await first.setMuted(true);
      await sitting.heard(peer, "me", "second", 440);
    });

    it("unpublishes, twice too, and leaves the capture open without a consumer", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const capture = sitting.capture(440);
      const track = await me.publish(capture, "voice");
      await sitting.seen(peer, "me", "voice");
      await Promise.all([track.unpublish(), track.unpublish()]);
      await until(sitting.environment.time, "a peer sees the track go", async () => (await sitting.tracks(peer, "me")).length === 0);
      await until(sitting.environment.time, "the capture has no consumer", () => capture.openConsumers === 0);
      expect(capture.isClosed).toBe(false);
      expect(me.log.all("track-lost")).toEqual([]);
      await me.publish(capture, "again");
      await sitting.heard(peer, "me", "again", 440);
    });

    it("settles `ended` when the source ends", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      const capture = sitting.capture(440);
      const track = await me.publish(capture, "voice");
      await sitting.sleep(200); // so much was sent
      capture.finish();
      expect(await track.ended).toBeUndefined();
      await track.unpublish();
    });

    it("settles `ended` with the error of a source that fails", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      const capture = sitting.capture(440);
      const track = await me.publish(capture, "voice");
      capture.finish(new RoomtoneError("device-lost", "The microphone is gone."));
      expect(await track.ended).toMatchObject({ code: "device-lost" });
    });

    it("settles `ended` for a source that had ended before", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      const capture = sitting.capture(440);
      capture.finish();
      const track = await me.publish(capture, "voice");
      expect(await track.ended).toBeUndefined();
    });

    it("refuses with grant-missing where the token does not let us publish", async () => {
      const sitting = current();
      const me = await sitting.join("me", { grants: { canPublish: false } });
      const capture = sitting.capture(440);
      await expect(me.publish(capture, "voice")).rejects.toMatchObject({ code: "grant-missing" });
      expect(capture.openConsumers).toBe(0);
    });

    it("replaces the capture on the same track with the same mute, where it can", async () => {
      const sitting = current();
      const { abilities } = sitting.environment;
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const before = sitting.capture(440);
      const track = await me.publish(before, "voice");
      expect(isReplaceable(track)).toBe(abilities.replace);
      if (!isReplaceable(track)) return;
      await sitting.heard(peer, "me", "voice", 440);
      await track.replace(sitting.capture(1000));
      await sitting.heard(peer, "me", "voice", 1000);
      expect(await sitting.tracks(peer, "me")).toMatchObject([{ sid: track.sid, name: "voice", muted: false }]);
      await until(sitting.environment.time, "the replaced capture has no consumer", () => before.openConsumers === 0);
      await track.setMuted(true);
      await track.replace(sitting.capture(440));
      await sitting.seen(peer, "me", "voice", (seen) => seen.muted && seen.sid === track.sid);
      await sitting.sleep(MUTE_SETTLES_MS);
      expect((await peer.hear("me", "voice", 500)).level).toBeLessThan(SILENCE_LEVEL);
    });

    it("changes live what it says that it adapts, one setting at a time, and is heard after each", async () => {
      const sitting = current();
      const { adapts } = sitting.environment.driver;
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const track = await me.publish(sitting.capture(440), "voice");
      if (adapts.length === 0) return;
      if (!isReconfigurable(track)) expect.unreachable("it adapts, but its tracks cannot be reconfigured");
      for (const name of adapts) {
        await track.reconfigure({ [name]: OTHER_SETTINGS[name] });
        await sitting.heard(peer, "me", "voice", 440);
      }
      const [seen] = await sitting.tracks(peer, "me");
      expect(seen?.sid).toBe(track.sid);
    });

    it("counts what it sends and what arrives, where it knows", async () => {
      const sitting = current();
      await sitting.peer("peer");
      const me = await sitting.join("me");
      const track = await me.publish(sitting.capture(440), "voice");
      expect(isNetworkObservable(track)).toBe(sitting.environment.abilities.networkSamples);
      if (!isNetworkObservable(track)) return;
      const first = await track.networkSample();
      await until(sitting.environment.time, "the counters grow", async () => {
        const later = await track.networkSample();
        expect(later.timestampMs).toBeGreaterThanOrEqual(first.timestampMs);
        return (
          later.packetsSent > first.packetsSent && later.bytesSent > first.bytesSent && (later.arrivedMark ?? 0) > (first.arrivedMark ?? 0)
        );
      });
    });
  });
}
