import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFile, openTone, recordToFile } from "@roomtone/node-audio";
import { findGaps, measureTone, samplesOf } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";
import { besidesStalls } from "./support/hearing.js";

const hall = withHall();

const tone = (frequencyHz: number) => hall().lifetime.own(openTone({ frequencyHz }), (capture) => capture.close());

const purity = (samples: Int16Array, frequencyHz: number) => measureTone(samples, { sampleRateHz: 48_000, frequencyHz }).purity;

describe("what is published into a real room", () => {
  it("is heard for ten seconds: two tones, each on its own track, pure and without a gap over 60 ms", async () => {
    const [room, peer] = [await hall().join("publisher"), await hall().peer("listener")];
    await Promise.all([room.publish(tone(440), { name: "low" }), room.publish(tone(1000), { name: "high" })]);
    const heard = (name: string, frequencyHz: number) =>
      until(`${frequencyHz} Hz is heard`, async () => purity(await peer.listen("publisher", name, 100), frequencyHz) > 0.9);
    await Promise.all([heard("low", 440), heard("high", 1000)]);
    const { heard: sounds, minGapMs } = await besidesStalls(() =>
      Promise.all([peer.listen("publisher", "low", 10_000), peer.listen("publisher", "high", 10_000)]),
    );
    const [low, high] = sounds;
    for (const [samples, frequencyHz] of [
      [low, 440],
      [high, 1000],
    ] as const) {
      expect(samples.length).toBeGreaterThan(9.5 * 48_000);
      expect(purity(samples, frequencyHz)).toBeGreaterThan(0.9);
      expect(findGaps(samples, { sampleRateHz: 48_000, minGapMs })).toEqual([]);
    }
  });

  it("agrees at client, server and listener after 50 mutes and unmutes, and is heard again", async () => {
    const [room, peer] = [await hall().join("publisher"), await hall().peer("listener")];
    const publication = await room.publish(tone(440), { name: "voice" });
    for (let count = 0; count < 50; count += 1) {
      await publication.setMuted(true);
      await publication.setMuted(false);
    }
    expect(publication.state).toMatchObject({ muted: false, status: "live" });
    await until("the server has it unmuted", async () => (await hall().tracks("publisher")).every(({ muted }) => !muted));
    expect(await hall().tracks("publisher")).toMatchObject([{ name: "voice", sid: publication.state.sid }]);
    await until("440 Hz is heard", async () => purity(await peer.listen("publisher", "voice", 200), 440) > 0.9);
  });

  it("agrees after overlapping mutes and unmutes of which nobody waits for one", async () => {
    const room = await hall().join("publisher");
    const publication = await room.publish(tone(440), { name: "voice" });
    const calls = Array.from({ length: 51 }, (_, count) => publication.setMuted(count % 2 === 0));
    await Promise.all(calls);
    expect(publication.state.muted).toBe(true);
    await until("the server has it muted", async () => (await hall().tracks("publisher")).every(({ muted }) => muted));
  });

  it("is one publication after 50 cycles of publish and unpublish, and the capture stays open", async () => {
    const [room, peer] = [await hall().join("publisher"), await hall().peer("listener")];
    const capture = tone(440);
    for (let count = 0; count < 50; count += 1) {
      const publication = await room.publish(capture, { name: "voice" });
      await publication.unpublish();
    }
    const last = await room.publish(capture, { name: "voice" });
    expect(room.state.publications).toMatchObject([{ id: last.id, status: "live" }]);
    // The one before may still be listed, and ours is from its first packet on.
    await until("the server has that one alone", async () => {
      const sids = (await hall().tracks("publisher")).map(({ sid }) => sid);
      return sids.length === 1 && sids[0] === last.state.sid;
    });
    await until("440 Hz is heard", async () => purity(await peer.listen("publisher", "voice", 200), 440) > 0.9);
  });

  it("muted leaves another publication of the same capture, and a recording of it, alone", async () => {
    const folder = hall().lifetime.own(await mkdtemp(join(tmpdir(), "roomtone-publishing-")), (path) => rm(path, { recursive: true }));
    const [room, peer] = [await hall().join("publisher"), await hall().peer("listener")];
    const capture = tone(440);
    const path = join(folder, "take.ogg");
    const recording = await recordToFile(capture, path);
    const muted = await room.publish(capture, { name: "first" });
    await room.publish(capture, { name: "second" });
    await muted.setMuted(true);
    await until("440 Hz is heard on the other", async () => purity(await peer.listen("publisher", "second", 300), 440) > 0.9);
    await until("the muted one is silent", async () => (await peer.hear("publisher", "first", 200)).level < 0.002);
    await recording.close();
    const played = [];
    const file = await openFile(path);
    for await (const frame of file.frames()) played.push(frame);
    await file.close();
    expect(purity(samplesOf(played), 440)).toBeGreaterThan(0.9);
    expect(findGaps(samplesOf(played), { sampleRateHz: 48_000, minGapMs: 60 })).toEqual([]);
  });

  it("ends by itself when the capture does, after its last sound was heard", async () => {
    const [room, peer] = [await hall().join("publisher"), await hall().peer("listener")];
    const capture = tone(440);
    const publication = await room.publish(capture, { name: "voice" });
    await until("440 Hz is heard", async () => purity(await peer.listen("publisher", "voice", 100), 440) > 0.9);
    await capture.close();
    expect(await publication.ended).toEqual({ reason: "source-ended" });
  });
});
