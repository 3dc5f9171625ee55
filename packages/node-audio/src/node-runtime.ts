import { createJoinRoom, type JoinRoom, type RoomDriver, RoomtoneError, type Runtime } from "@roomtone/core";
import { automaticDriver } from "./automatic-driver.js";
import { opusDriver } from "./opus-driver/opus-driver.js";
import { rtcDriver } from "./rtc-driver/rtc-driver.js";
import { probeServer } from "./server-probe.js";
import { whipDriver } from "./whip-driver/whip-driver.js";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
 * Joins a room and keeps it: see `JoinRoom`. Nothing native is loaded before it is called, and until the room is closed the process
 * lives.
 * @throws RoomtoneError `token-missing`, `token-invalid`, `token-expired`, `grant-missing`, `endpoint-unreachable`, `server-unreachable`,
 * `room-refused`, `server-full`, `usage`, `unsupported`, `native-missing`
 */
export const joinRoom: JoinRoom = async (credentials, options) => {
  // Between two attempts there may be nothing else that does: the process would end, though somebody waits for the room.
  const held = setInterval(() => {}, LONGEST_TIMER_MS);
  const release = () => clearInterval(held);
  try {
    const room = await createJoinRoom(createNodeRuntime())(credentials, options);
    void room.closed.then(release);
    return room;
  } catch (error) {
    release();
    throw error;
  }
};

function chooseDriver(name: string, { subscribe }: { readonly subscribe: boolean }): RoomDriver {
  switch (name) {
    case "auto":
      return automaticDriver({ subscribe });
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
