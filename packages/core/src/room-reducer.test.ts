import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RoomtoneError } from "./errors.js";
import { opusProfiles } from "./opus-settings.js";
import type { ParticipantInfo, PublicationState, RemoteParticipantState, RemoteTrackInfo, RoomEvent, RoomState } from "./room.js";
import { initialRoomState, reduceRoom } from "./room-reducer.js";

const identity = fc.constantFrom("anna", "ben", "me");
const info: fc.Arbitrary<ParticipantInfo> = fc.record({
  sid: fc.constant("PA"),
  identity,
  name: fc.string(),
  metadata: fc.string(),
  attributes: fc.constant({}),
});
const track: fc.Arbitrary<RemoteTrackInfo> = fc.record({
  sid: fc.constantFrom("TR1", "TR2"),
  name: fc.string(),
  kind: fc.constant("audio" as const),
  source: fc.constant("microphone" as const),
  muted: fc.boolean(),
  subscribed: fc.boolean(),
});
const participant: fc.Arbitrary<RemoteParticipantState> = fc
  .tuple(info, fc.uniqueArray(track, { selector: ({ sid }) => sid }))
  .map(([facts, tracks]) => ({ ...facts, tracks, speaking: false, audioLevel: 0, quality: "unknown" as const }));
const publication: fc.Arbitrary<PublicationState> = fc.record({
  id: fc.constantFrom("track-1", "track-2"),
  sid: fc.option(fc.constant("TR9"), { nil: undefined }),
  name: fc.constant("voice"),
  source: fc.constant("microphone" as const),
  muted: fc.boolean(),
  status: fc.constantFrom("publishing" as const, "live" as const, "waiting" as const),
});
const room = fc.record({ sid: fc.constant("RM"), name: fc.string(), metadata: fc.string() });
const joined = {
  room,
  localParticipant: info,
  participants: fc.uniqueArray(participant, { selector: (one) => one.identity }),
  attempt: fc.nat(),
};
const error = new RoomtoneError("internal", "x");
const quality = fc.constantFrom("excellent" as const, "poor" as const);

const event: fc.Arbitrary<RoomEvent> = fc.oneof(
  fc.record({ type: fc.constant("connected" as const), ...joined }),
  fc.record({ type: fc.constant("reconnecting" as const), reason: fc.string(), attempt: fc.nat() }),
  fc.record({ type: fc.constant("reconnected" as const), resumed: fc.boolean(), outageMs: fc.nat(), ...joined }),
  fc.record({ type: fc.constantFrom("participant-joined" as const), participant }),
  fc.record({ type: fc.constantFrom("participant-left" as const, "participant-changed" as const), participant: info }),
  fc.record({
    type: fc.constantFrom(
      "track-published" as const,
      "track-unpublished" as const,
      "track-unsubscribed" as const,
      "track-muted" as const,
      "track-unmuted" as const,
    ),
    participant: info,
    track,
  }),
  fc.record({ type: fc.constant("track-subscribed" as const), participant: info, track, audio: fc.constant(undefined) }),
  fc.record({
    type: fc.constant("active-speakers" as const),
    speakers: fc.array(fc.record({ identity, audioLevel: fc.double({ min: 0, max: 1, noNaN: true }) })),
  }),
  fc.record({ type: fc.constant("connection-quality" as const), identity, quality }),
  fc.record({ type: fc.constant("room-metadata" as const), room }),
  fc.record({ type: fc.constant("published" as const), publication, driver: fc.constant("fake"), elapsedMs: fc.nat() }),
  fc.record({ type: fc.constant("unpublished" as const), publication }),
  fc.record({ type: fc.constant("publication-lost" as const), publication }),
  fc.record({
    type: fc.constant("quality-changed" as const),
    publication,
    settings: fc.constant(opusProfiles.voice),
    because: fc.constant("congestion" as const),
    explanation: fc.string(),
  }),
  fc.record({ type: fc.constant("publish-failed" as const), publication, error: fc.constant(error) }),
  fc.record({ type: fc.constantFrom("muted" as const, "unmuted" as const), publication, by: fc.constant("user" as const) }),
  fc.record({ type: fc.constant("token-refreshed" as const) }),
  fc.record({ type: fc.constant("warning" as const), message: fc.string() }),
  fc.record({ type: fc.constant("closed" as const), closed: fc.constant({ reason: "left" as const }) }),
);

function freezeDeep<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  for (const part of Object.values(value)) freezeDeep(part);
  return Object.freeze(value);
}

const reduce = (events: readonly RoomEvent[]): RoomState => events.reduce(reduceRoom, initialRoomState);

describe("the room's reducer", () => {
  it("changes no state that it was given, whatever the course of events", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state = freezeDeep(initialRoomState);
        for (const next of events) state = freezeDeep(reduceRoom(state, freezeDeep(next)));
      }),
    );
  });

  it("holds each participant, track and publication once", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const { participants, publications } = reduce(events);
        const lists = [participants.map((one) => one.identity), publications.map(({ id }) => id)];
        for (const keys of [...lists, ...participants.map((one) => one.tracks.map(({ sid }) => sid))]) {
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
    );
  });

  it("takes an event told twice as told once", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 15 }), (events) => {
        expect(reduce(events.flatMap((one) => [one, one]))).toEqual(reduce(events));
      }),
    );
  });

  it("shows nobody's publication as live while the room is away", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 15 }), (events) => {
        const state = reduce([...events, { type: "reconnecting", reason: "x", attempt: 1 }]);
        expect(state.publications.every(({ status }) => status === "waiting")).toBe(true);
      }),
    );
  });

  it("leaves nothing to render but the reason when the room is closed", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 15 }), (events) => {
        const state = reduce([...events, { type: "closed", closed: { reason: "left" } }]);
        expect(state).toMatchObject({
          connection: "closed",
          participants: [],
          publications: [],
          activeSpeakers: [],
          closed: { reason: "left" },
        });
      }),
    );
  });

  it("brings publications back live after a resume, and to be published after a rejoin", () => {
    const live: PublicationState = { id: "track-1", sid: "TR1", name: "voice", source: "microphone", muted: true, status: "live" };
    const facts = {
      room: { sid: "RM", name: "r", metadata: "" },
      localParticipant: { sid: "PA", identity: "me", name: "", metadata: "", attributes: {} },
    };
    const away: RoomEvent[] = [
      { type: "published", publication: live, driver: "fake", elapsedMs: 1 },
      { type: "reconnecting", reason: "x", attempt: 1 },
    ];
    const back = (resumed: boolean): RoomEvent => ({ type: "reconnected", resumed, attempt: 1, outageMs: 1, participants: [], ...facts });
    expect(reduce([...away, back(true)]).publications).toEqual([live]);
    expect(reduce([...away, back(false)]).publications).toEqual([{ ...live, sid: undefined, status: "publishing" }]);
  });

  it("orders speakers by loudness, and marks them on their participants", () => {
    const someone = (name: string): RemoteParticipantState => ({
      ...{ sid: name, identity: name, name, metadata: "", attributes: {}, tracks: [] },
      ...{ speaking: false, audioLevel: 0, quality: "unknown" as const },
    });
    const state = reduce([
      { type: "participant-joined", participant: someone("anna") },
      { type: "participant-joined", participant: someone("ben") },
      {
        type: "active-speakers",
        speakers: [
          { identity: "me", audioLevel: 0.2 },
          { identity: "ben", audioLevel: 0.7 },
        ],
      },
    ]);
    expect(state.activeSpeakers).toEqual(["ben", "me"]);
    expect(state.participants.map(({ speaking, audioLevel }) => [speaking, audioLevel])).toEqual([
      [false, 0],
      [true, 0.7],
    ]);
  });
});
