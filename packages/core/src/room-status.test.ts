import { describe, expect, it } from "vitest";
import { RoomtoneError } from "./errors.js";
import type { RoomClosed, RoomEvent } from "./room.js";
import { initialRoomState, reduceRoom } from "./room-reducer.js";
import { describeRoom } from "./room-status.js";

const statusAfter = (event: RoomEvent) => describeRoom(reduceRoom(initialRoomState, event));

describe("what a person is told of a room", () => {
  it("is what is being done, before the room is joined", () => {
    expect(describeRoom(initialRoomState)).toEqual({
      ...{ phase: "connecting", label: "connecting", others: 0 },
      ...{ happened: undefined, next: "Asking the server to let us in." },
    });
  });

  it("is in an outage what happened and what is being done about it, with the attempt from the second on", () => {
    const reconnecting = (attempt: number) => statusAfter({ type: "reconnecting", reason: "connection-lost", attempt });
    expect(reconnecting(1)).toMatchObject({ happened: expect.stringContaining("lost"), next: expect.not.stringContaining("attempt") });
    expect(reconnecting(3)).toMatchObject({ phase: "reconnecting", next: expect.stringContaining("attempt 3") });
  });

  it.each<RoomClosed["reason"]>([
    "duplicate-identity",
    "participant-removed",
    "room-deleted",
    "token-refused",
    "server-unreachable",
    "room-refused",
    "failed",
  ])("is at the end by %s a sentence, and one that says what to do", (reason) => {
    const { phase, happened, next } = statusAfter({
      type: "closed",
      closed: { reason, error: new RoomtoneError("internal", "It broke.") },
    });
    expect(phase).toBe("closed");
    for (const sentence of [happened, next]) expect(sentence).toMatch(/^[A-Z].+\.$/);
  });
});
