import type { RoomEvent } from "@roomtone/core";
import { openTone } from "@roomtone/node-audio";
import { measureTone } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { until, withHall } from "./support/hall.js";

const hall = withHall();

const tone = (frequencyHz: number) => hall().lifetime.own(openTone({ frequencyHz }), (capture) => capture.close());

describe("a room whose server is killed and back after 3 s", () => {
  it("is rejoined by itself, with the same tracks and the same mute", async () => {
    const events: RoomEvent[] = [];
    const room = await hall().join("publisher", { on: { any: (event) => events.push(event) } });
    const heard = await room.publish(tone(440), { name: "heard" });
    const muted = await room.publish(tone(1000), { name: "muted" });
    await muted.setMuted(true);
    const ids = room.state.publications.map(({ id }) => id);
    await hall().server.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 3000)); // the outage itself, and no wait for anything
    await hall().server.start();
    const backMs = performance.now();
    await until("both tracks are live again", () => room.state.publications.every(({ status }) => status === "live"));
    await until("the room is connected", () => room.state.connection === "connected");
    const elapsedMs = Math.round(performance.now() - backMs);
    expect(room.state.publications.map(({ id, muted }) => ({ id, muted }))).toEqual(ids.map((id, index) => ({ id, muted: index === 1 })));
    expect(events.find(({ type }) => type === "reconnected")).toMatchObject({ resumed: false });
    expect([heard.state.muted, muted.state.muted]).toEqual([false, true]);
    const peer = await hall().peer("listener");
    await until("440 Hz is heard", async () => {
      const samples = await peer.listen("publisher", "heard", 200);
      return measureTone(samples, { sampleRateHz: 48_000, frequencyHz: 440 }).purity > 0.9;
    });
    expect((await peer.hear("publisher", "muted", 300)).level).toBeLessThan(0.002);
    const tracks = (await hall().tracks("publisher")).map(({ name, muted: isMuted }) => `${name} ${isMuted ? "muted" : "live"}`);
    expect(tracks.sort()).toEqual(["heard live", "muted muted"]);
    process.stderr.write(`live again ${elapsedMs} ms after the server\n`);
  });
});
