import { releaseNatives } from "@roomtone/node-audio";
import { afterAll, beforeAll } from "vitest";
import { StudioStage } from "./studio-stage.ts";

/** A stage for the tests of a file. Returns how to reach it from within a test. */
export function withStudioStage(): () => StudioStage {
  let stage: StudioStage | undefined;
  beforeAll(async () => {
    stage = await StudioStage.open();
  });
  afterAll(async () => {
    await stage?.close();
    await releaseNatives();
  });
  return () => {
    if (!stage) throw new Error("the stage is there within tests only");
    return stage;
  };
}
