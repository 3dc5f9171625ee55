import { RoomtoneError } from "@roomtone/core";
import { clearPageTimer, setPageTimer } from "../page-clock.js";

export type LiveKit = typeof import("./live-kit-client.js");

/**
 * livekit-client, loaded on first use: importing it patches browser globals, and a page that only opens a microphone does not need it.
 * Its loggers fall silent by default, because what they print on a failed join contains the server's answer, and that contains the
 * token. Only defaults change: a level that the page itself sets with `setLogLevel` stays.
 * @throws RoomtoneError `native-missing`
 */
export async function loadLiveKit(): Promise<LiveKit> {
  const liveKit = await import("./live-kit-client.js").catch((error: unknown) => {
    throw new RoomtoneError(
      "native-missing",
      "livekit-client did not load: install it beside @roomtone/web-audio, and serve its file with the page.",
      { packageName: "livekit-client" },
      { cause: error },
    );
  });
  // The first of them gives every later logger its default.
  for (const name of Object.values(liveKit.LoggerNames)) liveKit.getLogger(name).setDefaultLevel(liveKit.LogLevel.silent);
  keepPunctual(liveKit);
  return liveKit;
}

const punctual = new WeakSet<object>();

/** Connecting waits with these timers, which are the client's own place for a platform's. */
function keepPunctual({ CriticalTimers }: LiveKit): void {
  if (punctual.has(CriticalTimers)) return;
  punctual.add(CriticalTimers);
  Object.assign(CriticalTimers, {
    setTimeout: (callback: () => void, delayMs = 0) => setPageTimer(callback, delayMs),
    clearTimeout: clearPageTimer,
  });
}
