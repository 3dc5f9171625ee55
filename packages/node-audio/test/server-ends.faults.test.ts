import { reportFault, systemTime, until } from "@roomtone/testing";
import { afterEach, describe, expect, it } from "vitest";
import { FaultRoom } from "./support/fault-room.js";
import { createModerator, listParticipants, setMayPublish } from "./support/moderator.js";
import { withDevServer } from "./support/with-dev-server.js";

const server = withDevServer();
let room: FaultRoom;
afterEach(() => room?.close());

const inRoom = async () => (await listParticipants(server(), room.roomName)).filter(({ identity }) => identity === "publisher").length;

describe.each(["opus", "rtc"])("a room on %s", (driver) => {
  it.for([
    { what: "the room is deleted", reason: "room-deleted", end: () => createModerator(server()).deleteRoom(room.roomName) },
    {
      what: "the participant is removed",
      reason: "participant-removed",
      end: () => createModerator(server()).remove(room.roomName, "publisher"),
    },
    {
      what: "somebody joins with the same identity",
      reason: "duplicate-identity",
      end: async () => void (await FaultRoom.joined({ server: server(), driver: "opus", roomName: room.roomName })),
    },
  ])("ends with the reason when $what, and stays out", async ({ what, reason, end }, context) => {
    room = await FaultRoom.open({ server: server(), driver });
    const startMs = performance.now();
    await end();
    const closed = await room.session.closed;
    const toldMs = performance.now() - startMs;
    expect(closed).toMatchObject({ reason, error: { code: reason } });
    await new Promise((resolve) => setTimeout(resolve, 3000)); // longer than any rejoin takes
    expect(await inRoom().catch(() => 0)).toBe(reason === "duplicate-identity" ? 1 : 0);
    expect(room.count("reconnecting")).toBe(0);
    await reportFault(context, {
      part: "server",
      fault: what,
      driver,
      seen: `\`closed\`, \`${reason}\`, after ${Math.round(toldMs)} ms`,
      lost: "all from then on: it is final",
      backMs: [],
      guard: "core `room-ending.ts` (*tried*)",
    });
  });

  it("tells when it may not publish any more, stays in the room, and publishes when it may again", async (context) => {
    room = await FaultRoom.open({ server: server(), driver });
    await setMayPublish(server(), room.roomName, "publisher", false);
    await until(systemTime(), "the publication ends", () => room.publication.state.status !== "live", 20_000);
    const end = await room.publication.ended;
    expect(end.error).toMatchObject({ code: "grant-missing" });
    expect(room.session.state.connection).toBe("connected");
    await setMayPublish(server(), room.roomName, "publisher", true);
    const allowedMs = performance.now();
    await until(systemTime(), "it may publish again", async () => {
      const again = await room.session.publish(room.capture, { name: "voice" }).catch(() => undefined);
      return again !== undefined;
    });
    const heardMs = await room.freshlyHeardMs();
    await reportFault(context, {
      part: "server",
      fault: "permission to publish withdrawn, then given again",
      driver,
      seen: "`publication-lost`, the publication ends with `grant-missing`; the room stays, and takes a new publication",
      lost: "the time without permission",
      backMs: [heardMs - allowedMs],
      guard: driver === "opus" ? "`opus-driver/own-tracks.ts` (*tried*)" : "`rtc-driver/permission.ts` (*tried*)",
    });
  });
});
