import { RoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { RoomUnderTest } from "./room-under-test.js";

describe("publishing", () => {
  it("is live when `publish` resolves, and the state says so", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    expect(test.published()).toEqual({ voice: "live" });
    expect(room.state.publications).toEqual([publication.state]);
    expect(publication.state).toMatchObject({ status: "live", sid: test.serverTracks()[0]?.sid, muted: false, source: "microphone" });
    expect(test.types()).toEqual(["connected", "published"]);
    await test.leave();
    expect(await publication.ended).toMatchObject({ reason: "room-closed" });
  });

  it("starts muted, and stays so", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice", muted: true }));
    await test.clock.advance(5000);
    expect(test.published()).toEqual({ voice: "muted" });
    expect(test.serverTracks()[0]?.audio.packets).toBe(0);
    expect(publication.state.muted).toBe(true);
    await test.leave();
  });

  it("ends as last asked after fifty toggles at once, with one operation at a time", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "set-muted" ? { delayMs: 7 } : undefined) });
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    const toggles = Array.from({ length: 50 }, async (_, index) => {
      await test.clock.sleep(index);
      await publication.setMuted(index % 2 === 0);
    });
    await test.clock.run(Promise.all(toggles));
    expect(test.published()).toEqual({ voice: "live" });
    await test.clock.run(publication.setMuted(true));
    expect(test.published()).toEqual({ voice: "muted" });
    await test.leave();
  });

  it("tells each mute once, as it is asked for", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture()));
    await publication.setMuted(true);
    await publication.setMuted(true);
    await publication.setMuted(false);
    expect(test.types().slice(2)).toEqual(["muted", "unmuted"]);
    expect(test.all("muted")[0]).toMatchObject({ by: "user", publication: { muted: true } });
    await test.leave();
  });

  it("takes a moderator's mute for intent, which the user can revoke", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    const [track] = test.serverTracks();
    if (track) test.server.muteByServer(track, true);
    expect(publication.state.muted).toBe(true);
    expect(test.all("muted")[0]).toMatchObject({ by: "server" });
    await publication.setMuted(false);
    expect(test.published()).toEqual({ voice: "live" });
    await test.leave();
  });

  it("asks again where a moderator's mute crosses an operation", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "set-muted" ? { delayMs: 100 } : undefined) });
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice", muted: true }));
    const unmuting = publication.setMuted(false);
    await test.clock.advance(50);
    test.connection.tell({ type: "muted-by-server", trackId: publication.id, muted: true });
    await test.clock.run(unmuting);
    expect(publication.state.muted).toBe(true);
    expect(test.published()).toEqual({ voice: "muted" });
    await test.leave();
  });

  it("holds the user's word after a moderator's, though the moderator's crossed an operation", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "set-muted" ? { answerAfterMs: 100 } : undefined) });
    const room = await test.join();
    const publication = await test.clock.run(room.publish(test.capture(), { name: "voice", muted: true }));
    const first = publication.setMuted(false);
    await test.clock.advance(50);
    const [track] = test.serverTracks();
    if (track) test.server.muteByServer(track, true);
    await test.clock.run(Promise.all([first, publication.setMuted(false)]));
    expect(test.published()).toEqual({ voice: "live" });
    await test.leave();
  });

  it("takes back a track that a deaf driver publishes when nobody waits for it any more", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "publish" ? { delayMs: 11_000, deaf: true } : undefined) });
    const room = await test.join();
    await expect(test.clock.run(room.publish(test.capture()))).rejects.toMatchObject({ code: "server-unreachable" });
    await test.clock.advance(5000);
    expect(test.published()).toEqual({});
    await test.leave();
  });

  it("notices the end of a source that replaced one which ended in the same moment", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "replace" ? { delayMs: 50 } : undefined) });
    const room = await test.join();
    const [before, after] = [test.capture(), test.capture()];
    const publication = await test.clock.run(room.publish(before, { name: "voice" }));
    const replacing = publication.replace(after);
    await test.clock.advance(10);
    before.finish();
    await test.clock.run(replacing);
    expect(test.published()).toEqual({ voice: "live" });
    after.finish();
    expect(await test.clock.run(publication.ended)).toEqual({ reason: "source-ended" });
    await test.leave();
  });

  it("ends with its source, and says how", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const [file, microphone] = [test.capture(), test.capture()];
    const first = await test.clock.run(room.publish(file, { name: "file" }));
    const second = await test.clock.run(room.publish(microphone, { name: "microphone" }));
    file.finish();
    expect(await test.clock.run(first.ended)).toEqual({ reason: "source-ended" });
    expect(test.published()).toEqual({ microphone: "live" });
    const error = new RoomtoneError("device-lost", "The microphone is gone.");
    microphone.finish(error);
    expect(await test.clock.run(second.ended)).toEqual({ reason: "source-failed", error });
    expect(test.published()).toEqual({});
    expect(test.types().filter((type) => type === "unpublished")).toHaveLength(2);
    expect(room.state.publications).toEqual([]);
    await test.leave();
  });

  it("unpublishes, any number of times, and leaves the capture open", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const capture = test.capture();
    for (let cycle = 0; cycle < 50; cycle += 1) {
      const publication = await test.clock.run(room.publish(capture, { name: "voice" }));
      await test.clock.run(Promise.all([publication.unpublish(), publication.unpublish()]));
      expect(await publication.ended).toEqual({ reason: "unpublished" });
      expect(publication.state.status).toBe("unpublished");
    }
    expect(test.published()).toEqual({});
    expect(capture.isClosed).toBe(false);
    await test.leave();
  });

  it("carries nothing out when unpublished before it was live", async () => {
    const test = new RoomUnderTest({ faults: ({ kind }) => (kind === "publish" ? { hang: true } : undefined) });
    const room = await test.join();
    const controller = test.runtime.aborts.create();
    const publishing = room.publish(test.capture(), { signal: controller.signal });
    await test.clock.advance(100);
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expect(test.clock.run(publishing)).rejects.toBe(reason);
    expect(test.published()).toEqual({});
    await test.leave();
  });

  it("unpublishes when its signal aborts", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    const controller = test.runtime.aborts.create();
    const publication = await test.clock.run(room.publish(test.capture(), { signal: controller.signal }));
    controller.abort();
    expect(await test.clock.run(publication.ended)).toMatchObject({ reason: "unpublished" });
    expect(test.published()).toEqual({});
    await test.leave();
  });

  it("knows from the token that it may not publish, and does not ask the driver", async () => {
    const test = new RoomUnderTest();
    const asked: string[] = [];
    test.driver.faults = ({ kind }) => void asked.push(kind);
    const room = await test.join({}, { url: test.server.url, token: test.token({ grants: { canPublish: false } }) });
    await expect(room.publish(test.capture())).rejects.toMatchObject({ code: "grant-missing", details: { grant: "canPublish" } });
    expect(asked).not.toContain("publish");
    await test.leave();
  });

  it("knows from the token which sources it may publish, and learns of new grants with a newer token", async () => {
    const test = new RoomUnderTest();
    const room = await test.join({}, { url: test.server.url, token: test.token({ grants: { canPublishSources: ["camera"] } }) });
    await expect(room.publish(test.capture())).rejects.toMatchObject({ code: "grant-missing", details: { grant: "canPublishSources" } });
    test.connection.tell({ type: "token-refreshed", token: test.token({ grants: { canPublishSources: ["microphone"] } }) });
    await test.clock.run(room.publish(test.capture(), { name: "voice" }));
    expect(test.published()).toEqual({ voice: "live" });
    await test.leave();
  });

  it("sends data, and says why where it cannot", async () => {
    const test = new RoomUnderTest();
    const room = await test.join();
    await room.sendData(Uint8Array.of(1));
    await expect(room.sendData(new Uint8Array(15_361))).rejects.toMatchObject({ code: "invalid-settings" });
    test.connection.interrupt();
    await expect(room.sendData(Uint8Array.of(1))).rejects.toMatchObject({ code: "server-unreachable" });
    test.connection.resume();
    await test.leave();
    const mute = new RoomUnderTest({ data: false });
    await expect((await mute.join()).sendData(Uint8Array.of(1))).rejects.toMatchObject({ code: "unsupported" });
    const silent = new RoomUnderTest();
    const silenced = await silent.join({}, { url: silent.server.url, token: silent.token({ grants: { canPublishData: false } }) });
    await expect(silenced.sendData(Uint8Array.of(1))).rejects.toMatchObject({ code: "grant-missing" });
  });
});
