import { type ErrorCode, type PublicationState, type RoomClosed, type RoomEvent, RoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";

/** One event of a room, and what an app shows after it. */
export interface RoomStep {
  readonly event: RoomEvent;
  readonly label: string;
  readonly others: number;
}

/** What happens in a room from its join to its end. */
export interface RoomStory {
  readonly name: string;
  readonly steps: readonly RoomStep[];
}

/** What an app makes of a room's events. */
export interface ShownRoom {
  tell(event: RoomEvent): void;
  /** The `label` and `others` of core's `describeRoom`, read from where the person reads them. */
  shown(): { readonly label: string; readonly others: number | undefined };
}

/** The one table of what apps show: an app that shows something else at any step fails. A live room goes the same way. */
export function describeShownRoom(name: string, open: () => ShownRoom): void {
  describe(`${name} shows a room's state`, () => {
    it.each(roomStories)("$name", ({ steps }) => {
      const app = open();
      const seen = steps.map(({ event }) => {
        app.tell(event);
        const { label, others } = app.shown();
        return { event: event.type, label, others };
      });
      expect(seen).toEqual(steps.map(({ event, label, others }) => ({ event: event.type, label, others })));
    });
  });
}

/** The labels in the order in which they are shown, each once as long as it lasts. */
export function labelsOf(steps: readonly Pick<RoomStep, "label">[]): string[] {
  return steps.map(({ label }) => label).filter((label, index, all) => label !== all[index - 1]);
}

/** The labels of the story of that name. */
export function labelsOfStory(name: string): string[] {
  const story = roomStories.find((candidate) => candidate.name === name);
  if (!story) throw new Error(`there is no story ${name}`);
  return labelsOf(story.steps);
}

const room = { sid: "RM_1", name: "studio", metadata: "" };
const me = { sid: "PA_1", identity: "me", name: "Me", metadata: "", attributes: {} };
const ada = {
  ...{ sid: "PA_2", identity: "ada", name: "Ada", metadata: "", attributes: {} },
  ...{ tracks: [], speaking: false, audioLevel: 0, quality: "good" as const },
};
const voice: PublicationState = { id: "track-1", sid: "TR_1", name: "voice", source: "microphone", muted: false, status: "live" };
const muted: PublicationState = { ...voice, muted: true };

const connected: RoomEvent = { type: "connected", room, localParticipant: me, participants: [], attempt: 1 };
const published: RoomEvent = { type: "published", publication: voice, driver: "fake", elapsedMs: 40 };
const publishedMuted: RoomEvent = { ...published, publication: muted };
const reconnecting = (attempt: number): RoomEvent => ({ type: "reconnecting", reason: "connection-lost", attempt });
const back = (resumed: boolean): RoomEvent => ({
  ...{ type: "reconnected", resumed, attempt: 1, outageMs: 900 },
  ...{ room, localParticipant: me, participants: [] },
});
const closed = (reason: RoomClosed["reason"], code?: ErrorCode): RoomEvent => ({
  type: "closed",
  closed: { reason, ...(code === undefined ? {} : { error: new RoomtoneError(code, "It is over.") }) },
});

/** An end, from a room in which we are live. */
function ending(name: string, reason: RoomClosed["reason"], code: ErrorCode | undefined, label: string): RoomStory {
  const steps = [
    { event: connected, label: "connected", others: 0 },
    { event: published, label: "live", others: 0 },
    { event: closed(reason, code), label, others: 0 },
  ];
  return { name, steps };
}

const roomStories: readonly RoomStory[] = [
  {
    name: "publishes, mutes, unmutes and leaves while somebody comes and goes",
    steps: [
      { event: connected, label: "connected", others: 0 },
      { event: published, label: "live", others: 0 },
      { event: { type: "participant-joined", participant: ada }, label: "live", others: 1 },
      { event: { type: "muted", publication: muted, by: "user" }, label: "muted", others: 1 },
      { event: { type: "unmuted", publication: voice, by: "user" }, label: "live", others: 1 },
      { event: { type: "participant-left", participant: ada }, label: "live", others: 0 },
      { event: closed("left"), label: "left", others: 0 },
    ],
  },
  {
    name: "is muted when it comes back with another connection",
    steps: [
      { event: connected, label: "connected", others: 0 },
      { event: publishedMuted, label: "muted", others: 0 },
      { event: reconnecting(1), label: "reconnecting", others: 0 },
      { event: reconnecting(2), label: "reconnecting", others: 0 },
      { event: back(false), label: "publishing", others: 0 },
      { event: publishedMuted, label: "muted", others: 0 },
      { event: closed("left"), label: "left", others: 0 },
    ],
  },
  {
    name: "is live at once when the same connection resumes",
    steps: [
      { event: connected, label: "connected", others: 0 },
      { event: published, label: "live", others: 0 },
      { event: reconnecting(1), label: "reconnecting", others: 0 },
      { event: back(true), label: "live", others: 0 },
    ],
  },
  {
    name: "is not live before everything is",
    steps: [
      { event: connected, label: "connected", others: 0 },
      { event: published, label: "live", others: 0 },
      {
        event: { type: "muted", publication: { ...muted, id: "track-2", sid: undefined, status: "publishing" }, by: "user" },
        label: "publishing",
        others: 0,
      },
      { event: { ...published, publication: { ...muted, id: "track-2" } }, label: "live", others: 0 },
      { event: { type: "unpublished", publication: { ...voice, status: "unpublished" } }, label: "muted", others: 0 },
      { event: { type: "unpublished", publication: { ...muted, id: "track-2", status: "unpublished" } }, label: "connected", others: 0 },
    ],
  },
  ending("is joined elsewhere", "duplicate-identity", "duplicate-identity", "joined elsewhere"),
  ending("is removed by a moderator", "participant-removed", "participant-removed", "removed"),
  ending("ends with its room", "room-deleted", "room-deleted", "room closed"),
  ending("ends when its token has expired", "token-refused", "token-expired", "token expired"),
  ending("ends when its token is refused", "token-refused", "token-invalid", "token refused"),
  ending("ends when the server is given up", "server-unreachable", "server-unreachable", "server gone"),
  ending("ends when the room is full", "room-refused", "server-full", "room full"),
  ending("ends when the server refuses", "room-refused", "room-refused", "refused"),
  ending("ends by a fault", "failed", "internal", "failed"),
];
