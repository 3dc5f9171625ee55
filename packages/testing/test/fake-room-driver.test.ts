import { createFakeExamEnvironment, describeRoomDriver } from "@roomtone/testing";

describeRoomDriver("the fake driver", async () => createFakeExamEnvironment());
describeRoomDriver("a fake driver without optional abilities", async () =>
  createFakeExamEnvironment({ replace: false, networkSamples: false, data: false, canSubscribe: false }),
);
