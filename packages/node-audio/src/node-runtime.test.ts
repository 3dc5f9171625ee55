import { describe, expect, it } from "vitest";
import { createNodeRuntime } from "./node-runtime.js";

describe("the runtime of Node", () => {
  const runtime = createNodeRuntime();
  const choose = async (name: string) => runtime.driver(name, { subscribe: false });

  it("chooses a driver by name; by itself opus, and rtc where others are to be heard", async () => {
    expect((await choose("auto")).name).toBe("opus");
    expect((await runtime.driver("auto", { subscribe: true })).name).toBe("rtc");
    expect((await choose("rtc")).name).toBe("rtc");
    expect((await choose("opus")).name).toBe("opus");
    expect((await choose("whip")).name).toBe("whip");
  });

  it("says of others that there are none", async () => {
    await expect(choose("telegraph")).rejects.toMatchObject({ code: "usage" });
  });

  it("has timers that can be cancelled and keep no process alive", async () => {
    let calls = 0;
    const cancel = runtime.setTimer(() => {
      calls += 1;
    }, 0);
    cancel();
    await new Promise<void>((resolve) => {
      runtime.setTimer(resolve, 0);
      setTimeout(() => {}, 50); // a pending timer of the runtime's own would not be waited for
    });
    expect(calls).toBe(0);
    const before = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const stop = runtime.setTimer(() => {}, 60_000);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBe(before);
    stop();
  });
});
