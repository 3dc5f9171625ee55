import { describeRoom, initialRoomState, reduceRoom } from "@roomtone/core";
import { expect, it } from "vitest";
import { describeShownRoom, labelsOf, labelsOfStory } from "../src/room-stories.js";
import { RoomUnderTest } from "./room-under-test.js";

describeShownRoom("core's reducer with describeRoom", () => {
  let state = initialRoomState;
  return {
    tell: (event) => {
      state = reduceRoom(state, event);
    },
    shown: () => describeRoom(state),
  };
});

it("a session goes through an outage as the table says", async () => {
  const test = new RoomUnderTest();
  const shown = [describeRoom(initialRoomState)];
  const room = await test.join();
  shown.push(describeRoom(room.state));
  room.on({ any: () => void shown.push(describeRoom(room.state)) });
  await test.clock.run(room.publish(test.capture(), { muted: true }));
  test.server.stop();
  await test.clock.advance(500);
  test.server.start();
  await test.clock.advance(1000);
  await test.leave();
  expect(labelsOf(shown)).toEqual(["connecting", ...labelsOfStory("is muted when it comes back with another connection")]);
});
