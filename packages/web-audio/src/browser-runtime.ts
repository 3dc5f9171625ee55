import { type AbortSignalLike, RoomtoneError, type Runtime, whenAborted } from "@roomtone/core";
import { liveKitDriver } from "./live-kit/driver.js";
import { clearPageTimer, setPageTimer } from "./page-clock.js";

/** What the session needs of its platform, from the browser. */
export function createBrowserRuntime(): Runtime {
  return {
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    setTimer: (callback, delayMs) => {
      const timer = setPageTimer(callback, delayMs);
      return () => clearPageTimer(timer);
    },
    createAbortController: () => new AbortController(),
    random: () => Math.random(),
    probe,
    driver: (name) => {
      if (name === "auto" || name === "livekit-client") return liveKitDriver();
      throw new RoomtoneError("usage", "In the browser the driver is livekit-client (or auto).", { option: "driver" });
    },
  };
}

async function probe(url: string, signal: AbortSignalLike): Promise<boolean> {
  signal.throwIfAborted();
  const abort = new AbortController();
  const stop = whenAborted(signal, () => abort.abort(signal.reason));
  const ask = (mode: RequestMode) =>
    fetch(url.replace(/^ws/i, "http"), { mode, cache: "no-store", credentials: "omit", redirect: "follow", signal: abort.signal });
  try {
    return (await ask("cors")).status < 500;
  } catch {
    signal.throwIfAborted();
  }
  try {
    // A proxy in front of the server may answer "/" without CORS headers: an answer that cannot be read is an answer.
    await ask("no-cors");
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    stop();
  }
}
