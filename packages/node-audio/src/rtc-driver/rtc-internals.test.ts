import { createRequire } from "node:module";
import { Room } from "@livekit/rtc-node";
import { expect, it } from "vitest";
import { releaseRoom } from "./rtc-internals.js";

const { FfiHandle } = createRequire(createRequire(import.meta.url).resolve("@livekit/rtc-node"))("@livekit/rtc-ffi-bindings");

it("a room whose native side has dropped it by itself is let go of without a word", () => {
  const unknown = new FfiHandle(0xdead_beefn);
  expect(() => unknown.dispose()).toThrow("invalid handle");
  const room = new Room();
  Object.assign(room, { ffiHandle: unknown });
  room.on("connected", () => {});
  releaseRoom(room);
  expect(room.listenerCount("connected")).toBe(0);
});
