import { describeRoom, initialRoomState, reduceRoom } from "@roomtone/core";
import { releaseNatives } from "@roomtone/node-audio";
import { labelsOf, labelsOfStory } from "@roomtone/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptRoom } from "./support/kept-room.js";
import { createModerator } from "./support/moderator.js";

let kept: KeptRoom;
beforeEach(async () => {
  kept = await KeptRoom.open();
});
afterEach(() => kept?.close());
afterAll(() => releaseNatives());

/** What an app shows from event to event. */
function shown(): string[] {
  let state = initialRoomState;
  const statuses = kept.events.map((event) => {
    state = reduceRoom(state, event);
    return describeRoom(state);
  });
  expect(describeRoom(kept.session.state)).toEqual(statuses.at(-1));
  return labelsOf(statuses);
}

describe("a live room on Node shows what the table of testing says", () => {
  it("publishing, muted, unmuted and left while somebody comes and goes", async () => {
    const publication = await kept.session.publish(kept.capture(440), { name: "voice" });
    const peer = await kept.peer();
    await publication.setMuted(true);
    await publication.setMuted(false);
    await peer.leave();
    await kept.session.close();
    expect(shown()).toEqual(labelsOfStory("publishes, mutes, unmutes and leaves while somebody comes and goes"));
  });

  it("through a restart of the server while muted", async () => {
    const publication = await kept.session.publish(kept.capture(440), { name: "voice", muted: true });
    await kept.server.kill();
    await kept.told("reconnecting");
    await kept.server.start();
    await kept.told("reconnected");
    await kept.seen(await kept.peer(), { voice: "muted" });
    expect(publication.state.status).toBe("live");
    await kept.session.close();
    // rtc-node may have published it anew by itself before it says that it is back.
    const labels = labelsOfStory("is muted when it comes back with another connection");
    expect([labels, labels.filter((label) => label !== "publishing")]).toContainEqual(shown());
  });

  it("removed by a moderator", async () => {
    await kept.session.publish(kept.capture(440), { name: "voice" });
    await createModerator(kept.server).remove(kept.session.state.room?.name ?? "", "me");
    await kept.session.closed;
    expect(shown()).toEqual(labelsOfStory("is removed by a moderator"));
  });
});
