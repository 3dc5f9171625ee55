import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openTone, releaseNatives } from "@roomtone/node-audio";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countResources } from "./resources.js";
import { type DevServer, Hall, startDevServer } from "./support/hall.js";

let server: DevServer;
let hall: Hall;
beforeAll(async () => {
  server = await startDevServer();
});
afterAll(async () => {
  await server.close();
  await releaseNatives();
});
beforeEach(() => {
  hall = new Hall(server);
});
afterEach(() => hall.close());

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The native side closes a left room's sockets within ten seconds. */
const DRAIN_MS = 15_000;

async function settledMemoryBytes(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
  collect();
  collect();
  return process.memoryUsage().rss;
}

describe("leaving a room fifty times", () => {
  it("keeps no descriptor, handle, listener or memory", async () => {
    const cycle = async () => {
      const tone = openTone();
      const room = await hall.join("me");
      await room.publish(tone, { name: "voice" });
      await room.close();
      await tone.close();
    };
    for (let count = 0; count < 20; count += 1) await cycle();
    const memoryBefore = await settledMemoryBytes();
    const before = await countResources();
    const listeners = globalThis._ffiClientInstance?.listenerCount("ffi_event");
    for (let count = 0; count < 50; count += 1) await cycle();
    const grownBytes = (await settledMemoryBytes()) - memoryBefore;
    const after = await countResources();
    expect(after.handles).toEqual(before.handles);
    expect(after.files).toBeLessThanOrEqual(before.files + 2);
    expect(globalThis._ffiClientInstance?.listenerCount("ffi_event")).toBe(listeners);
    process.stderr.write(`memory grew by ${Math.round(grownBytes / 1024)} KiB over 50 rooms\n`);
    expect(grownBytes / 50).toBeLessThan(300 * 1024); // a room that stays is several times that
  });
});
