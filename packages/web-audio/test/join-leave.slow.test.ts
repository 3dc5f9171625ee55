import { afterAll, beforeAll, describe, it } from "vitest";
import { BrowserStage } from "./browser-stage.js";
import { checkJoinLeaveCycles } from "./join-leave.js";

describe("a page that joins and leaves, many times", () => {
  let stage: BrowserStage;
  beforeAll(async () => {
    stage = await BrowserStage.open();
  });
  afterAll(() => stage?.close());

  it("does not grow over 50 cycles", () => checkJoinLeaveCycles(stage, 50));
});
