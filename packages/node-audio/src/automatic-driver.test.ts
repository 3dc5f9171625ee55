import { type DriverEvent, RoomtoneError } from "@roomtone/core";
import { createFakeToken, FakeDriver, FakeServer, systemTime } from "@roomtone/testing";
import { describe, expect, it } from "vitest";
import { insteadOfOpus, pickPublisher } from "./automatic-driver.js";

const loads = () => {};
const missing = () => {
  throw new RoomtoneError("native-missing", "it is not installed", { packageName: "a-package" });
};

describe("the driver that is chosen to publish", () => {
  it("is opus, and rtc only where libopus does not load and rtc-node does", () => {
    expect(pickPublisher(loads, missing).name).toBe("opus");
    expect(pickPublisher(missing, loads).name).toBe("rtc");
    expect(pickPublisher(missing, missing).name).toBe("opus");
  });

  it("loads nothing of rtc-node where libopus loads", () => {
    let looked = 0;
    pickPublisher(loads, () => {
      looked += 1;
    });
    expect(looked).toBe(0);
  });

  it("says once why it is not opus, with what to do, when the room is joined", async () => {
    const server = new FakeServer(systemTime());
    const error = new RoomtoneError("native-missing", "To fix it: npm install @discordjs/opus", { packageName: "@discordjs/opus" });
    const driver = insteadOfOpus(new FakeDriver(server), error);
    const events: DriverEvent[] = [];
    const token = createFakeToken({ identity: "ana", room: "stage" });
    const options = { url: server.url, token, subscribe: false, on: (event: DriverEvent) => void events.push(event) };
    for (let join = 0; join < 2; join += 1) await (await driver.connect(options, new AbortController().signal)).close();
    const warnings = events.filter(({ type }) => type === "warning");
    expect(warnings).toEqual([{ type: "warning", message: expect.stringContaining("npm install @discordjs/opus") }]);
  });
});
