import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { RoomtoneError } from "@roomtone/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeIo } from "../../test/fake-io.js";
import { FakeNodeAudio } from "../../test/fake-room.js";
import { LeaveRequest } from "../leave.js";
import { main } from "../main.js";

const audio = vi.hoisted(() => ({ current: undefined as unknown }));
vi.mock(
  "@roomtone/node-audio",
  () =>
    new Proxy(
      {},
      {
        get: (_target, name) => (name === "then" ? undefined : Reflect.get(audio.current as object, name)),
        has: () => true,
        getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
      },
    ),
);

let fake: FakeNodeAudio;
beforeEach(() => {
  fake = new FakeNodeAudio();
  audio.current = fake;
});

class Running {
  readonly io: FakeIo;
  readonly leaving = new AbortController();
  readonly code: Promise<number>;

  constructor(args: string[], io = new FakeIo()) {
    this.io = io;
    this.code = main(["publish", ...args], "0", io, this.leaving.signal);
  }
  leave(): Promise<number> {
    this.leaving.abort(new LeaveRequest("signal"));
    return this.code;
  }
  get events(): string[] {
    return this.io.stdout.events.map((event) => String(event["event"]));
  }
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`waited in vain: ${this.io.stdout.text}${this.io.stderr.text}`);
      await delay(5);
    }
  }
  tracks() {
    return [...(fake.server.participant("stage", "ana")?.tracks.values() ?? [])];
  }
}

describe("roomtone publish", () => {
  it("tells in JSON what happens, from connected to closed, and leaves the room", async () => {
    const running = new Running([
      ...fake.credentials(),
      "--json",
      "--stats-interval",
      "50ms",
      "--input",
      "tone:440",
      "--track-name",
      "horn",
    ]);
    await running.until(() => running.events.filter((event) => event === "stats").length >= 2);
    expect(running.tracks().map((track) => track.name)).toEqual(["horn"]);
    expect(await running.leave()).toBe(0);
    const [connected, published, stats] = running.io.stdout.events;
    expect(connected).toEqual({ event: "connected", room: "stage", identity: "ana", attempt: expect.any(Number) });
    expect(published).toMatchObject({
      event: "published",
      track: "horn",
      sid: expect.stringMatching(/^TR_/),
      driver: "fake",
      elapsedMs: expect.any(Number),
    });
    expect(stats).toMatchObject({ event: "stats", track: "horn", muted: false });
    expect(running.io.stdout.events.at(-1)).toEqual({ event: "closed", reason: "left" });
    expect(running.io.stderr.text).toBe("");
    expect(running.tracks()).toEqual([]);
    expect(fake.captures.every((capture) => capture.isClosed)).toBe(true);
  });

  it("publishes several inputs under their names, at once", async () => {
    const running = new Running([
      ...fake.credentials(),
      "--json",
      "--input",
      "microphone",
      "--input",
      "song.wav",
      "--input",
      "tone:1000",
      "--track-name",
      "voice",
    ]);
    await running.until(() => running.events.filter((event) => event === "published").length === 3);
    expect(running.tracks().map((track) => track.name)).toEqual(["voice", "song.wav", "tone"]);
    expect(await running.leave()).toBe(0);
  });

  it("ends with 0 when its source has ended, and says nothing but status", async () => {
    const running = new Running([...fake.credentials(), "--input", "song.wav"]);
    await running.until(() => running.tracks().length === 1);
    await running.until(() => (fake.captures[0]?.openConsumers ?? 0) > 0);
    fake.captures[0]?.finish();
    expect(await running.code).toBe(0);
    expect(running.io.stdout.text).toBe("");
    expect(running.io.stderr.lines).toEqual([
      "✓ in room stage as ana",
      expect.stringMatching(/^✓ publishing song.wav \(fake, \d+ ms\)$/),
      "· left after 0:00",
    ]);
  });

  it("leaves after --duration", async () => {
    const running = new Running([...fake.credentials(), "--input", "tone", "--duration", "50ms", "--json"]);
    expect(await running.code).toBe(0);
    expect(running.events).toEqual(["connected", "published", "closed"]);
  });

  it("starts muted where asked to", async () => {
    const running = new Running([...fake.credentials(), "--input", "tone", "--muted", "--json"]);
    await running.until(() => running.events.includes("published"));
    expect(running.tracks()[0]?.muted).toBe(true);
    expect(running.io.stdout.events[1]).toMatchObject({ muted: true });
    expect(await running.leave()).toBe(0);
  });

  it("mutes with m, unmutes with m, leaves with q, and shows it all on a terminal", async () => {
    const running = new Running([...fake.credentials(), "--input", "tone"], new FakeIo({ terminal: true }));
    await running.until(() => running.io.stderr.text.includes("● live"));
    await running.until(() => running.io.stderr.text.includes("█"));
    running.io.stdin.write("m");
    await running.until(() => running.tracks()[0]?.muted === true && running.io.stderr.text.includes("● muted"));
    running.io.stdin.write("m");
    await running.until(() => running.tracks()[0]?.muted === false);
    running.io.stdin.write("q");
    expect(await running.code).toBe(0);
    expect(running.io.stdin.raw).toBe(false);
    expect(running.io.stderr.text.lastIndexOf("\x1b[?25h")).toBeGreaterThan(running.io.stderr.text.lastIndexOf("\x1b[?25l"));
    expect(running.io.listenerCount).toBe(0);
    expect(running.io.stdout.text).toBe("");
  });

  it("tells when a track follows the network, with the figures", async () => {
    fake.driver.network = { fractionLost: 0.3, roundTripMs: 80 };
    const running = new Running([...fake.credentials(), "--json", "--input", "tone", "--expected-packet-loss", "0"]);
    await running.until(() => running.events.includes("quality-changed"));
    expect(running.io.stdout.events.find(({ event }) => event === "quality-changed")).toEqual({
      event: "quality-changed",
      track: "tone",
      bitrateBps: 32_000,
      forwardErrorCorrection: true,
      expectedPacketLossPercent: 10,
      frameDurationMs: 20,
      because: "random-loss",
      explanation: "expectedPacketLossPercent from 0 to 10: 6.0 % of the packets were lost.",
    });
    expect(await running.leave()).toBe(0);
  });

  it("leaves with 0 while it is still connecting", async () => {
    fake.server.freeze();
    const running = new Running([...fake.credentials(), "--input", "tone", "--json"]);
    await running.until(() => fake.captures.length === 1);
    expect(await running.leave()).toBe(0);
    expect(running.io.stdout.events).toEqual([{ event: "closed", reason: "left" }]);
  });

  it("comes back after the server did, with its track, and tells", async () => {
    const running = new Running([...fake.credentials(), "--input", "tone", "--json"]);
    await running.until(() => running.events.includes("published"));
    fake.server.stop();
    await running.until(() => running.events.includes("reconnecting"));
    fake.server.start();
    await running.until(() => running.events.includes("reconnected"));
    await running.until(() => running.events.filter((event) => event === "published").length === 2);
    expect(await running.leave()).toBe(0);
  });

  it("ends with 69 and the reason when the server stays away longer than --retries", async () => {
    fake.server.stop();
    const running = new Running([...fake.credentials(), "--input", "tone", "--json", "--retries", "0"]);
    expect(await running.code).toBe(69);
    expect(running.io.stdout.events).toMatchObject([
      { event: "error", code: "server-unreachable" },
      { event: "closed", reason: "server-unreachable" },
    ]);
  });

  it("says what an input fails with, and lets go of the room and of the other inputs", async () => {
    const running = new Running([...fake.credentials(), "--input", "tone", "--input", "missing.wav"]);
    expect(await running.code).toBe(66);
    expect(running.io.stderr.text).toMatch(/error \(input-unreadable\): There is no file missing.wav.\n {2}fix: /);
    expect(running.tracks()).toEqual([]);
    expect(fake.captures.every((capture) => capture.isClosed)).toBe(true);
  });

  it("ends with the code of a microphone that does not open", async () => {
    fake.microphoneFailure = new RoomtoneError("device-not-found", "There is no microphone.");
    const running = new Running([...fake.credentials(), "--json"]);
    expect(await running.code).toBe(74);
    expect(running.io.stdout.events.at(-2)).toMatchObject({ event: "error", code: "device-not-found" });
    expect(running.io.stdout.events.at(-1)).toEqual({ event: "closed", reason: "failed" });
  });

  it("opens no microphone where the endpoint's token does not allow to publish", async () => {
    let canPublish = false;
    const endpoint = createServer((_request, response) =>
      response.setHeader("content-type", "application/json").end(fake.endpointAnswer(canPublish)),
    );
    await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
    const address = ["--token-endpoint", `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`, "--json"];
    try {
      const refused = new Running(address);
      expect(await refused.code).toBe(77);
      expect(refused.io.stdout.events).toMatchObject([{ event: "error", code: "grant-missing" }, { event: "closed" }]);
      expect(fake.microphonesOpened).toBe(0);
      canPublish = true;
      const allowed = new Running(address);
      await allowed.until(() => allowed.events.includes("published"));
      expect(fake.microphonesOpened).toBe(1);
      expect(await allowed.leave()).toBe(0);
    } finally {
      endpoint.closeAllConnections();
      endpoint.close();
    }
  });

  it("ends with 76 when somebody takes its identity", async () => {
    const running = new Running([...fake.credentials(), "--input", "tone", "--json"]);
    await running.until(() => running.events.includes("published"));
    const other = new Running([...fake.credentials(), "--input", "tone", "--json"]);
    expect(await running.code).toBe(76);
    expect(running.io.stdout.events.at(-2)).toMatchObject({ event: "error", code: "duplicate-identity" });
    expect(running.io.stdout.events.at(-1)).toEqual({ event: "closed", reason: "duplicate-identity" });
    expect(await other.leave()).toBe(0);
  });

  it("never shows the token", async () => {
    const credentials = fake.credentials();
    const running = new Running([...credentials, "--input", "tone", "--verbose"]);
    await running.until(() => running.tracks().length === 1);
    await running.leave();
    const token = credentials.at(-1) ?? "";
    expect(running.io.stdout.text + running.io.stderr.text).not.toContain(token);
  });
});
