import { describe, expect, it } from "vitest";
import type { CurrentSitting } from "./room-driver-exam.js";
import type { Joined } from "./room-driver-sitting.js";
import { until } from "./virtual-clock.js";

/** `close()` takes 500 ms at the most; the rest is slack for a loaded machine. */
const CLOSE_BOUND_MS = 1500;

export function describeEnding(current: CurrentSitting): void {
  const endsWith = async (joined: Joined, reason: string) => {
    const event = await joined.log.wait("disconnected");
    expect(event.reason).toBe(reason);
    expect(joined.log.events.at(-1)).toBe(event);
    await joined.connection.close();
    expect(joined.log.events.at(-1)).toBe(event);
  };

  describe("moderation", () => {
    it("tells of a moderator's mute as muted-by-server, and stops sending", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me");
      const track = await me.publish(sitting.capture(440), "voice");
      await sitting.heard(peer, "me", "voice", 440);
      await sitting.environment.moderator.mute(sitting.room, "me", track.sid);
      expect(await me.log.wait("muted-by-server")).toMatchObject({ trackId: "voice", muted: true });
      await sitting.sleep(1000);
      expect((await peer.hear("me", "voice", 500)).level).toBeLessThan(0.002);
      await track.setMuted(false);
      await sitting.heard(peer, "me", "voice", 440);
    });

    it("ends with participant-removed when removed", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      await sitting.environment.moderator.remove(sitting.room, "me");
      await endsWith(me, "participant-removed");
    });

    it("ends with room-deleted when the room is deleted", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      await sitting.environment.moderator.deleteRoom(sitting.room);
      await endsWith(me, "room-deleted");
    });

    it("ends with duplicate-identity when somebody joins as us", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      await sitting.peer("me");
      await endsWith(me, "duplicate-identity");
    });
  });

  describe("leaving", () => {
    it("closes twice, within its bound, tells nothing after, and others see us leave", async () => {
      const sitting = current();
      const { time } = sitting.environment;
      const peer = await sitting.peer("peer");
      const me = await sitting.join("me", { subscribe: sitting.environment.driver.canSubscribe });
      await me.publish(sitting.capture(440), "voice");
      await sitting.seen(peer, "me", "voice");
      const startMs = time.nowMs();
      await Promise.all([me.connection.close(), me.connection.close()]);
      expect(time.nowMs() - startMs).toBeLessThan(CLOSE_BOUND_MS);
      const told = me.log.events.length;
      await sitting.gone(peer, "me");
      await peer.publish(300, { name: "later" });
      await time.sleep(300); // what would be told late
      expect(me.log.events).toHaveLength(told);
    });

    it("leaves captures open, without a consumer, and publishes them in the next room", async () => {
      const sitting = current();
      const capture = sitting.capture(440);
      const first = await sitting.join("me");
      const track = await first.publish(capture, "voice");
      await first.connection.close();
      await until(sitting.environment.time, "the capture has no consumer", () => capture.openConsumers === 0);
      expect(capture.isClosed).toBe(false);
      await track.unpublish();
      const peer = await sitting.peer("peer");
      await sitting.gone(peer, "me");
      const second = await sitting.join("me");
      await second.publish(capture, "voice");
      await sitting.heard(peer, "me", "voice", 440);
    });

    it("closing one connection leaves another of the same process alone", async () => {
      const sitting = current();
      const peer = await sitting.peer("peer");
      const one = await sitting.join("one");
      const two = await sitting.join("two");
      const capture = sitting.capture(440);
      await one.publish(capture, "voice");
      await two.publish(capture, "voice");
      await sitting.heard(peer, "two", "voice", 440);
      await one.connection.close();
      await sitting.gone(peer, "one");
      await sitting.heard(peer, "two", "voice", 440);
      expect(two.log.all("disconnected")).toEqual([]);
    });

    it("refuses to publish once closed, and opens no consumer", async () => {
      const sitting = current();
      const me = await sitting.join("me");
      await me.connection.close();
      const capture = sitting.capture(440);
      await expect(me.publish(capture, "voice")).rejects.toMatchObject({ name: "RoomtoneError" });
      expect(capture.openConsumers).toBe(0);
    });
  });
}
