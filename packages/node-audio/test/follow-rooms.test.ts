import { initialRoomState, type NetworkSample, type OpusSettings, type SharedQualityPolicy } from "@roomtone/core";
import { encodeOnce, type FollowedRoom, followRooms, type SharedEncoding } from "@roomtone/node-audio";
import { ExamPcmCapture } from "@roomtone/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readOpusPacket } from "./support/opus-packet.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

let nowMs = 0;

/** A room whose network reads as the test says. */
class TestRoom implements FollowedRoom {
  readonly room = { state: initialRoomState };
  network: Partial<NetworkSample> | undefined = { roundTripMs: 80, fractionLost: 0 };
  readonly publication = {
    networkSample: async () => this.network && { timestampMs: nowMs, packetsSent: 0, bytesSent: 0, ...this.network },
  };
}

async function follow(opus: Partial<OpusSettings>, policy?: SharedQualityPolicy) {
  const capture = new ExamPcmCapture();
  const shared = await encodeOnce(capture, { opus });
  const rooms = [new TestRoom(), new TestRoom(), new TestRoom()] as const;
  const told: { readonly because: string; readonly rooms: readonly number[] }[] = [];
  const following = followRooms<TestRoom>(shared, {
    opus,
    ...(policy && { policy }),
    rooms: () => rooms,
    onDecision: ({ because, rooms: behind }) => told.push({ because, rooms: behind.map((room) => rooms.indexOf(room)) }),
  });
  const read = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      nowMs += 1000;
      await vi.advanceTimersByTimeAsync(1000);
    }
  };
  const close = async () => {
    following.close();
    await shared.close();
    await capture.close();
  };
  return { shared, rooms, told, following, read, close };
}

async function nextPacket(shared: SharedEncoding, after = 10): Promise<Uint8Array> {
  let count = 0;
  for await (const { payload } of shared.packets()) if (++count > after) return payload;
  return expect.unreachable();
}

describe("one encoder that follows the networks of its rooms", () => {
  const voice = { expectedPacketLossPercent: 0, forwardErrorCorrection: false, discontinuousTransmission: false, signal: "voice" } as const;

  it("sends everybody copies when one room loses packets, tells it once with that room's name, and keeps the bitrate", async () => {
    const { shared, rooms, told, read, close } = await follow({ ...voice, bitrateBps: 24_000 });
    expect(readOpusPacket(await nextPacket(shared)).hasForwardErrorCorrection).toBe(false);
    rooms[1].network = { roundTripMs: 80, fractionLost: 0.3 };
    await read(1);
    expect(told).toEqual([{ because: "random-loss", rooms: [1] }]);
    expect(readOpusPacket(await nextPacket(shared)).hasForwardErrorCorrection).toBe(true);
    rooms[2].network = { roundTripMs: 900, fractionLost: 0.2 };
    await read(5);
    expect(shared.settings).toMatchObject({ bitrateBps: 24_000, frameDurationMs: 20, forwardErrorCorrection: true });
    await close();
  });

  it("lowers the bitrate for all where it follows the worst, and hears no more of a room that is gone", async () => {
    const { shared, rooms, told, read, close } = await follow({ ...voice, bitrateBps: 64_000 }, "follow-worst");
    await read(3);
    rooms[0].network = { roundTripMs: 900, fractionLost: 0 };
    await read(4);
    expect(told[0]).toEqual({ because: "congestion", rooms: [0] });
    expect(shared.settings.bitrateBps).toBeLessThan(64_000);
    rooms[0].network = undefined;
    await read(60);
    expect(shared.settings.bitrateBps).toBe(64_000);
    await close();
  });

  it("stops when it is closed, and says why where the encoding is gone", async () => {
    const { shared, rooms, told, following, read, close } = await follow(voice);
    rooms[0].network = { roundTripMs: 80, fractionLost: 0.5 };
    following.close();
    await read(3);
    expect(told).toEqual([]);
    expect(await following.ended).toBeUndefined();
    const other = followRooms(shared, { opus: voice, rooms: () => rooms });
    await shared.close();
    await read(1);
    expect(await other.ended).toMatchObject({ name: "RoomtoneError" });
    await close();
  });
});
