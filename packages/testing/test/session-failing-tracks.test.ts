import { describe, expect, it } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

describe("a track that fails", () => {
  it("rejects a first publish that is refused, and tells why", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "publish" ? { fail: "room-refused" } : undefined) });
    const room = await test.join();
    await expect(test.clock.run(room.publish(test.capture()))).rejects.toMatchObject({ code: "room-refused" });
    expect(test.all("publish-failed")[0]).toMatchObject({ error: { code: "room-refused" }, publication: { status: "failed" } });
    expect(room.state.publications).toEqual([]);
    await test.leave();
  });

  it("gives a first publish three tries against a passing fault, and no fourth", async () => {
    let tries = 0;
    const test = new RoomUnderTest({
      faults: ({ kind }) => {
        if (kind !== "publish") return undefined;
        tries += 1;
        return { fail: "server-unreachable" };
      },
    });
    const room = await test.join();
    await expect(test.clock.run(room.publish(test.capture()))).rejects.toMatchObject({ code: "server-unreachable" });
    expect(tries).toBe(3);
    expect(test.driver.connections).toHaveLength(1);
    await test.leave();
  });

  it("gives a publish that hangs ten seconds", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "publish" ? { hang: true } : undefined) });
    const room = await test.join();
    await expect(test.clock.run(room.publish(test.capture()))).rejects.toMatchObject({ code: "server-unreachable" });
    expect(test.clock.nowMs()).toBe(10_000);
    await test.leave();
  });

  it("publishes a track anew where the driver cannot mute it: nothing must be heard", async () => {
    let published = 0;
    const test = new RoomUnderTest({
      faults: ({ kind }) => {
        if (kind === "publish") published += 1;
        return kind === "set-muted" ? { fail: "server-unreachable" } : undefined;
      },
    });
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    await test.clock.run(publication.setMuted(true));
    expect(test.published()).toEqual({ voice: "muted" });
    expect(published).toBe(2);
    await test.leave();
  });

  it("gives the connection up where a track cannot be unpublished: nothing must be heard", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "unpublish" ? { fail: "server-unreachable" } : undefined) });
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    await test.clock.run(room.publish(test.capture(), { name: "other" }));
    await test.clock.run(publication.unpublish());
    await test.clock.advance(2000);
    expect(test.published()).toEqual({ other: "live" });
    expect(test.driver.connections).toHaveLength(2);
    await test.leave();
  });

  it("publishes again what the server dropped", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice", muted: true }));
    const { sid } = publication.state;
    test.connection.loseTrack(publication.id);
    expect(test.published()).toEqual({});
    expect(room.state.publications).toMatchObject([{ name: "voice", status: "publishing", sid: undefined }]);
    await test.clock.advance(1500);
    expect(test.published()).toEqual({ voice: "muted" });
    expect(publication.state.sid).not.toBe(sid);
    await test.leave();
  });
});
