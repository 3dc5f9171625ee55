import { createSocket } from "node:dgram";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { RoomEvent } from "@roomtone/core";
import { openTone } from "@roomtone/node-audio";
import { fuzz } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { until, withHall } from "../support/hall.js";

const hall = withHall();

/** UDP ports of this process, as Linux tells them. */
function ownUdpPorts(): number[] {
  const inodes = new Set<string>();
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(join("/proc/self/fd", fd)))?.[1];
      if (inode) inodes.add(inode);
    } catch {
      // closed while we looked
    }
  }
  return ["udp", "udp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((row) => row.trim().split(/\s+/))
      .filter((columns) => inodes.has(columns[9] ?? ""))
      .map((columns) => Number.parseInt(columns[1]?.split(":")[1] ?? "0", 16)),
  );
}

const seeds = [
  // STUN: a binding request, and a success with an address
  Buffer.from("000100002112a442000102030405060708090a0b", "hex"),
  Buffer.from("010100142112a442000102030405060708090a0b002000080001a147e112a643802800041122334455", "hex"),
  // DTLS: the beginning of a handshake, an alert, application data
  Buffer.from("16fefd0000000000000000003101000025000000000000002500000000000000", "hex"),
  Buffer.from("15fefd000100000000000100020100", "hex"),
  Buffer.from("17fefd00010000000000020010000102030405060708090a0b0c0d0e0f", "hex"),
  // RTP with an extension, RTCP: receiver report, sender report, feedback, goodbye
  Buffer.from("906f00010000000100000001bede000110ff0000f8fffe000102030405060708090a0b0c0d0e", "hex"),
  Buffer.from("81c90007000000010000000200000000000000010000000000000000000000008000000100112233445566778899", "hex"),
  Buffer.from("80c8000600000001e000000000000000000000000000000000000000800000010011223344", "hex"),
  Buffer.from("81cd0003000000010000000200010000800000010011223344556677", "hex"),
  Buffer.from("81cb000100000001", "hex"),
];

describe("a stranger's packets at our media port", () => {
  it.each(["opus", "rtc"])("leave the room, and what is heard of it, alone (%s)", async (driver) => {
    const events: RoomEvent["type"][] = [];
    const before = new Set(ownUdpPorts());
    const peer = await hall().peer("listener");
    const listenerPorts = new Set(ownUdpPorts());
    const room = await hall().join("publisher", { driver, on: { any: ({ type }) => events.push(type) } });
    const tone = hall().lifetime.own(openTone(), (capture) => capture.close());
    const publication = await room.publish(tone, { name: "voice" });
    const ports = ownUdpPorts().filter((port) => !before.has(port) && !listenerPorts.has(port));
    expect(ports.length).toBeGreaterThan(0);
    const socket = createSocket("udp4");
    const sent = await fuzz({
      corpus: join(import.meta.dirname, "corpus", "media-port"),
      seeds,
      budgetMs: 1500,
      run: async (input) => {
        await Promise.all(ports.map((port) => new Promise<void>((resolve) => socket.send(input, port, "127.0.0.1", () => resolve()))));
        if (room.state.connection !== "connected") throw new Error(`the room is ${room.state.connection}`);
      },
    });
    socket.close();
    expect(sent).toBeGreaterThan(100);
    const { sid } = publication.state;
    await until("440 Hz is heard", async () => Math.abs((await peer.hear("publisher", "voice", 200)).frequencyHz - 440) < 5);
    expect(publication.state).toMatchObject({ status: "live", sid });
    expect(events.filter((type) => type === "reconnecting" || type === "publication-lost")).toEqual([]);
  });
});
