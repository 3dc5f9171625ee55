import { takeRtcNodeForRelease } from "./load-rtc-node.js";

const RELEASE_BOUND_MS = 500;

let releasing: Promise<void> | undefined;

/**
 * Lets go of native code for good, so that the process can end by itself: once @livekit/rtc-node has been used, its
 * threads keep Node's event loop alive. An application calls this once, as its last act, when every room is closed;
 * a library never does, because no room can be joined in this process afterwards. Idempotent. Resolves within 500 ms,
 * also where a frozen server keeps a room from closing: then the application ends with `process.exit()`.
 */
export function releaseNatives(): Promise<void> {
  releasing ??= release();
  return releasing;
}

async function release(): Promise<void> {
  const rtc = takeRtcNodeForRelease();
  if (!rtc || !("_ffiClientInstance" in globalThis)) return; // loaded and never used: it has no threads yet
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, RELEASE_BOUND_MS);
  });
  await Promise.race([rtc.dispose().catch(() => {}), bound]);
  clearTimeout(timer);
}
