import { expect, it } from "vitest";
import { laneArguments } from "../src/lane-arguments.ts";

it("keeps `--write` of a lane of tests from the test runner, and gives it to the bench", () => {
  expect(laneArguments("test:faults", ["--project", "core", "--write"])).toEqual({ rest: ["--project", "core"], writes: true });
  expect(laneArguments("test", ["--project", "core"])).toEqual({ rest: ["--project", "core"], writes: false });
  expect(laneArguments("bench", ["microphone", "--write"])).toEqual({ rest: ["microphone", "--write"], writes: false });
});
