import { createJoinRoom, type JoinRoom, type RoomDriver, RoomtoneError, type Runtime } from "@roomtone/core";
import { opusDriver } from "./opus-driver/opus-driver.js";
import { rtcDriver } from "./rtc-driver/rtc-driver.js";
import { probeServer } from "./server-probe.js";
import { whipDriver } from "./whip-driver/whip-driver.js";

/** Node as the session sees it. */
export function createNodeRuntime(): Runtime {
  return {
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    setTimer: (callback, delayMs) => {
      const timer = setTimeout(callback, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
    createAbortController: () => new AbortController(),
    random: () => Math.random(),
    probe: probeServer,
    driver: chooseDriver,
  };
}

/**
 * Joins a room and keeps it: see `JoinRoom`. Nothing native is loaded before it is called.
 * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing`, `endpoint-unreachable`, `server-unreachable`,
 * `room-refused`, `server-full`, `usage`, `unsupported`, `native-missing`
 */
export const joinRoom: JoinRoom = (credentials, options) => createJoinRoom(createNodeRuntime())(credentials, options);

/** `auto` is `opus`, which sends every Opus setting and costs less, and `rtc` where others are to be heard. */
function chooseDriver(name: string, { subscribe }: { readonly subscribe: boolean }): RoomDriver {
  switch (name) {
    case "auto":
      return subscribe ? rtcDriver() : opusDriver();
    case "rtc":
      return rtcDriver();
    case "opus":
      return opusDriver();
    case "whip":
      return whipDriver();
    default:
      throw new RoomtoneError("usage", `There is no driver ${JSON.stringify(name)}. Choose auto, opus, rtc or whip.`, { option: "driver" });
  }
}
