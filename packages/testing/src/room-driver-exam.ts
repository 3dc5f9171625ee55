import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { describeEnding } from "./room-driver-exam-ending.js";
import type { RoomDriverExamEnvironment } from "./room-driver-exam-environment.js";
import { describeJoining } from "./room-driver-exam-joining.js";
import { describePublishing } from "./room-driver-exam-publishing.js";
import { describeRoom } from "./room-driver-exam-room.js";
import { Sitting } from "./room-driver-sitting.js";

/** The sitting of the claim that runs now. */
export type CurrentSitting = () => Sitting;

/**
 * The exam that every room driver sits, inside a vitest file. `open` is called once; each claim has a room of its own.
 * A regression found in one driver is added here, so that all of them take it.
 */
export function describeRoomDriver(name: string, open: () => Promise<RoomDriverExamEnvironment>): void {
  describe(`${name} is a room driver`, () => {
    let environment: RoomDriverExamEnvironment | undefined;
    let sitting: Sitting | undefined;

    beforeAll(async () => {
      environment = await open();
    });
    afterAll(() => environment?.close());
    beforeEach(() => {
      if (environment) sitting = new Sitting(environment);
    });
    afterEach(() => sitting?.end());

    const current: CurrentSitting = () => {
      if (!sitting) throw new Error("the exam's environment did not open");
      return sitting;
    };
    describeJoining(current);
    describePublishing(current);
    describeRoom(current);
    describeEnding(current);
  });
}
