import { releaseNatives } from "@roomtone/node-audio";
import { withShared } from "@roomtone/testing";
import { StudioStage } from "./studio-stage.ts";

/** A stage for the tests of a file. Returns how to reach it from within a test or a hook. */
export function withStudioStage(): () => StudioStage {
  return withShared(
    "stage",
    () => StudioStage.open(),
    async (stage) => {
      await stage.close();
      await releaseNatives();
    },
  );
}
