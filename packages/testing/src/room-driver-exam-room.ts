import { isDataChannel } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { heardAudio } from "./heard-audio.js";
import type { CurrentSitting } from "./room-driver-exam.js";
import { until } from "./virtual-clock.js";

export function describeRoom(current: CurrentSitting): void {
  describe("the room", () => {
    it("tells once who joins, changes and leaves, in that order", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      const peer = await sitting.peer("peer");
      // The server tells at once of those who publish, and every three seconds of the others.
      await peer.publish(300, { name: "theirs" });
      await me.log.wait("participant-joined", (event) => event.participant.identity === "peer");
      await sitting.environment.moderator.setParticipantMetadata(sitting.room, "peer", "new metadata");
      await me.log.wait("participant-changed", (event) => event.participant.metadata === "new metadata");
      await peer.leave();
      await me.log.wait("participant-left", (event) => event.participant.identity === "peer");
      const told = me.log.events
        .map((event) => event.type)
        .filter((type) => type.startsWith("participant-") && type !== "participant-changed");
      expect(told).toEqual(["participant-joined", "participant-left"]);
    });

    it("tells which tracks others publish, mute and unpublish, without subscribing", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      const peer = await sitting.peer("peer");
      const track = await peer.publish(440, { name: "theirs" });
      const published = await me.log.wait("track-published", (event) => event.track.sid === track.sid);
      expect(published).toMatchObject({
        participant: { identity: "peer" },
        track: { name: "theirs", kind: "audio", source: "microphone" },
      });
      await sitting.environment.moderator.mute(sitting.room, "peer", track.sid);
      await me.log.wait("track-muted", (event) => event.track.sid === track.sid && event.track.muted);
      await track.unpublish();
      await me.log.wait("track-unpublished", (event) => event.track.sid === track.sid);
      expect(me.log.all("track-subscribed")).toEqual([]);
    });

    it("tells of the room's metadata", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      await sitting.environment.moderator.setRoomMetadata(sitting.room, "a new topic");
      await me.log.wait("room-metadata", (event) => event.room.metadata === "a new topic");
    });

    it("hears others as frames of 10 ms where it subscribes", async () => {
      const sitting = current();
      if (!sitting.environment.driver.canSubscribe) return;
      const peer = await sitting.peer("peer");
      const before = await peer.publish(440, { name: "before" });
      const me = await sitting.join("me", { subscribe: true });
      await me.log.wait("track-subscribed", (event) => event.track.sid === before.sid);
      const after = await peer.publish(1000, { name: "after" });
      const { audio, track, participant } = await me.log.wait("track-subscribed", (event) => event.track.sid === after.sid);
      expect({ track, participant }).toMatchObject({ track: { name: "after", kind: "audio" }, participant: { identity: "peer" } });
      if (audio?.kind !== "pcm") return;
      const stream = audio.frames();
      const samples: number[] = [];
      let hears = false;
      const listening = (async () => {
        for await (const frame of stream) {
          expect(frame.samples.length).toBe((frame.format.sampleRateHz / 100) * frame.format.channels);
          for (let index = 0; index < frame.samples.length; index += frame.format.channels) samples.push(frame.samples[index] ?? 0);
          const heard = heardAudio(Int16Array.from(samples.slice(-24_000)), frame.format.sampleRateHz);
          hears ||= samples.length >= 24_000 && heard.level > 0.05 && Math.abs(heard.frequencyHz - 1000) < 30;
        }
      })();
      await until(sitting.environment.time, "1 kHz is heard", () => hears);
      await after.unpublish();
      await me.log.wait("track-unsubscribed", (event) => event.track.sid === after.sid);
      await listening;
    });

    it("carries data both ways, where it can", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const { connection } = me;
      expect(isDataChannel(connection)).toBe(sitting.environment.abilities.data);
      if (!isDataChannel(connection)) return;
      // A message may overtake the news of who joined: then its sender has no name yet. Of one who publishes it comes at once.
      await me.publish(sitting.capture(440), "voice");
      await until(sitting.environment.time, "the peer sees us", async () =>
        (await peer.participants()).some((participant) => participant.identity === "me"),
      );
      await connection.sendData(Uint8Array.of(1, 2, 3), { reliable: true, topic: "there", to: ["peer"] });
      await until(sitting.environment.time, "the peer has our message", () => peer.received.length === 1);
      expect(peer.received[0]).toMatchObject({ topic: "there", identity: "me" });
      expect([...(peer.received[0]?.payload ?? [])]).toEqual([1, 2, 3]);
      await peer.sendData(Uint8Array.of(4, 5), { topic: "back" });
      const event = await me.log.wait("data-received");
      expect(event).toMatchObject({ topic: "back", participant: { identity: "peer" } });
      expect([...event.payload]).toEqual([4, 5]);
    });
  });
}
