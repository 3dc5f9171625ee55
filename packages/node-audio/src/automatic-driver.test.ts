import { RoomtoneError } from "@roomtone/core";
import { describe, expect, it } from "vitest";
import { pickPublisher } from "./automatic-driver.js";

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
});
