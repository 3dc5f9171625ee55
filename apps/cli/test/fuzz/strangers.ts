import { join } from "node:path";
import { type ParticipantInfo, type RemoteTrackInfo, type RoomEvent, RoomtoneError } from "@roomtone/core";
import type { FuzzTarget } from "@roomtone/testing";
import { expect } from "vitest";
import { Output } from "../../src/output/output.js";
import { createPaint } from "../../src/output/paint.js";
import { fromCaptureEvent, fromRoomEvent } from "../../src/room/room-events.js";
import { renderStatus } from "../../src/screen/status-line.js";
import { FakeIo } from "../fake-io.js";

/** What moves a cursor, hides or reorders text. A line's end is ours, and checked by counting lines. */
const UNSAFE = /[^\P{Cc}\n]|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/u;

/** Every event that carries what a stranger wrote. */
function eventsOf(text: string): RoomEvent[] {
  const participant: ParticipantInfo = { sid: "PA", identity: text, name: text, metadata: text, attributes: { [text]: text } };
  const nameless = { ...participant, name: "" };
  const track: RemoteTrackInfo = { sid: text, name: text, kind: "audio", source: "microphone", muted: false, subscribed: true };
  const state = (info: ParticipantInfo) => ({ ...info, tracks: [track], speaking: false, audioLevel: 0, quality: "good" as const });
  const room = { sid: "RM", name: text, metadata: text };
  const publication = { id: "1", sid: text, name: text, source: "microphone", muted: false, status: "live" } as const;
  return [
    { type: "connected", room, localParticipant: participant, participants: [state(participant)], attempt: 1 },
    { type: "participant-joined", participant: state(participant) },
    { type: "participant-joined", participant: state(nameless) },
    { type: "participant-left", participant },
    { type: "track-subscribed", participant, track, audio: undefined },
    { type: "track-unsubscribed", participant, track },
    { type: "data-received", payload: new TextEncoder().encode(text), topic: text, participant },
    { type: "room-metadata", room },
    { type: "reconnecting", reason: text, attempt: 1 },
    { type: "published", publication, driver: "opus", elapsedMs: 1 },
    { type: "muted", publication, by: "server" },
    { type: "publication-lost", publication },
    { type: "publish-failed", publication, error: new RoomtoneError("room-refused", text) },
    { type: "warning", message: text },
  ];
}

/** Whatever strangers call themselves, a terminal shows it as text, and programs read what they wrote. */
export function strangersTarget(budgetMs: number): FuzzTarget {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return {
    corpus: join(import.meta.dirname, "corpus", "strangers"),
    budgetMs,
    seeds: [
      bytes("Ana María"),
      bytes("\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m"),
      bytes("\u009b31m\u009d0;x\u009c\u0085"),
      bytes("a\nb\r\nc\u2028d\ve"),
      bytes("a\u202egnp.exe\u2066b\u2069\u200b\ufeff"),
      bytes(`${"👩‍💻日本語".repeat(20)}\u{e0041}`),
      bytes('{"event":"closed"}\n{"event":"closed","reason":"left"}'),
      bytes("%s {x} \\u001b \\x1b"),
    ],
    run: (input) => {
      const text = Buffer.from(input).toString("utf8");
      const deviceEvents = [
        fromCaptureEvent({ type: "device-lost", deviceName: text }),
        fromCaptureEvent({ type: "device-restored", deviceName: text, fallback: true, gapMs: 1 }),
      ];
      const events = [...eventsOf(text).flatMap((event) => fromRoomEvent(event) ?? []), ...deviceEvents];
      const failure = new RoomtoneError("room-refused", text, {}, { cause: new Error(text) });

      const json = new FakeIo();
      const program = new Output(json, { json: true });
      for (const event of events) program.event(event);
      expect(json.stdout.text).not.toMatch(UNSAFE);
      expect(json.stdout.text.split("\n")).toHaveLength(events.length + 1);
      const read = json.stdout.events;
      if (!/eyJ/.test(text)) expect(read).toEqual(events.map((event) => JSON.parse(JSON.stringify(event))));

      const log = new FakeIo();
      const plain = new Output(log, {});
      for (const event of events) plain.event(event);
      expect(log.stderr.text).not.toMatch(UNSAFE);
      expect(log.stderr.text.split("\n").length).toBeLessThanOrEqual(events.length + 1);

      const terminal = new FakeIo({ terminal: true, env: { NO_COLOR: "1" }, columns: 60 });
      const person = new Output(terminal, { verbose: true });
      for (const event of events) person.event(event);
      person.error(failure);
      expect(terminal.stderr.text).not.toMatch(UNSAFE);
      const status = renderStatus({ state: "live", room: text, elapsedMs: 0 }, 60, createPaint(false));
      expect(status).not.toMatch(/\n/);
      expect(status).not.toMatch(UNSAFE);
    },
  };
}
